using DyLoraMoe.Api.Jobs;

namespace DyLoraMoe.Trainer.Jobs;

/// <summary>One kind of job.</summary>
internal interface IJob
{
    /// <summary>Does it, or finds it done.</summary>
    /// <param name="context">What to do and with what.</param>
    /// <returns>A result that says that it was done.</returns>
    JobResult Run(JobContext context);
}
