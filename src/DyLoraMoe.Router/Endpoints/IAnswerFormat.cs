namespace DyLoraMoe.Router.Endpoints;

/// <summary>How an endpoint writes answers.</summary>
internal interface IAnswerFormat
{
    /// <summary>Writes all answers at once.</summary>
    Task WriteAsync(HttpContext context, AnswerSession session, IReadOnlyList<AnswerPart> answers);

    /// <summary>Sends what is new of one answer.</summary>
    Task SendAsync(SseWriter stream, AnswerSession session, AnswerPart part);

    /// <summary>Sends how many tokens it took.</summary>
    Task SendUsageAsync(SseWriter stream, AnswerSession session);
}
