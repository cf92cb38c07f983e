using DyLoraMoe.Api;
using DyLoraMoe.Api.Jobs;
using DyLoraMoe.Trainer.Workspaces;

namespace DyLoraMoe.Trainer.Jobs;

/// <summary>Results in a journal, as the contract writes them.</summary>
internal static class JournalResults
{
    /// <summary>A phase that ends with a result.</summary>
    public static JobResult DoResult(this RunJournal journal, string phase, Func<JobResult> run) =>
        ContractJson.Read<JobResult>(journal.Do(phase, () => ContractJson.Write(run())));
}
