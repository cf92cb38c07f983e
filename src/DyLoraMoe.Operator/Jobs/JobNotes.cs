using DyLoraMoe.Api;

namespace DyLoraMoe.Operator.Jobs;

/// <summary>Annotations of requests and sets, by which they can be understood without being read.</summary>
internal static class JobNotes
{
    /// <summary>How the job ended, as it said itself or as was seen of it: recorded here before the Job may go.</summary>
    public const string Result = ApiNames.Group + "/result";

    /// <summary>When that was recorded, for a result that is not final.</summary>
    public const string RecordedAt = ApiNames.Group + "/recorded-at";

    /// <summary>The Job that had ended without a result that could be read, and was begun again for it: once.</summary>
    public const string BegunAgain = ApiNames.Group + "/begun-again";

    /// <summary>On a Job: the operator itself has suspended it, and lets it go on again.</summary>
    public const string Held = ApiNames.Group + "/held";

    /// <summary>What the subject's <see cref="Annotations.RetryAt"/> was when the request was written.</summary>
    public const string RetryAt = Annotations.RetryAt;

    /// <summary>Digest of the expert's version that a training begins with.</summary>
    public const string From = ApiNames.Group + "/from";

    /// <summary>Skills and datasets that a training learns: <see cref="Experts.LearnList"/>.</summary>
    public const string Learn = ApiNames.Group + "/learn";

    /// <summary>Skills and datasets that a training keeps: <see cref="Experts.LearnList"/>.</summary>
    public const string Keep = ApiNames.Group + "/keep";

    /// <summary>Digest of the recipe that a training goes by.</summary>
    public const string Recipe = ApiNames.Group + "/recipe";

    /// <summary>Hash of the source that an import takes in, whichever backbone that is checked against. One from before it was noted has it as its input hash.</summary>
    public const string Source = ApiNames.Group + "/source";

    /// <summary>Experts that a candidate set has and the active one has not: <c>name@digest</c>, comma-separated.</summary>
    public const string Changes = ApiNames.Group + "/changes";

    /// <summary>What else a refusal depends on.</summary>
    public const string Terms = ApiNames.Group + "/terms";

    /// <summary>On a collection: which of its Backbone's it is, counted from 1.</summary>
    public const string Turn = ApiNames.Group + "/turn";

    /// <summary>On a set that was given up while it was rolled out: why.</summary>
    public const string GivenUp = Annotations.GivenUp;

    /// <summary>On a set: how well its router does, in percent.</summary>
    public const string Accuracy = ApiNames.Group + "/router-accuracy";
}
