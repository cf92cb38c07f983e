namespace DyLoraMoe.Api.Conditions;

/// <summary>Reasons of conditions; an event about the same thing has the same reason.</summary>
public static class Reasons
{
    // Accepted

    /// <summary>The spec is valid and what it refers to exists.</summary>
    public const string Valid = "Valid";

    /// <summary>The spec breaks a rule; the message names every field.</summary>
    public const string InvalidSpec = "InvalidSpec";

    /// <summary>The Backbone that is referred to does not exist.</summary>
    public const string BackboneNotFound = "BackboneNotFound";

    /// <summary>The Skill that is referred to does not exist.</summary>
    public const string SkillNotFound = "SkillNotFound";

    /// <summary>The LoraExpert that is referred to does not exist.</summary>
    public const string ExpertNotFound = "ExpertNotFound";

    /// <summary>The LoraExpert that is referred to belongs to another Backbone.</summary>
    public const string BackboneMismatch = "BackboneMismatch";

    /// <summary>A Secret that the pod of a Job needs does not exist.</summary>
    public const string SecretNotFound = "SecretNotFound";

    /// <summary>A ConfigMap that is referred to does not exist.</summary>
    public const string ConfigMapNotFound = "ConfigMapNotFound";

    /// <summary>A PersistentVolumeClaim that is referred to does not exist.</summary>
    public const string ClaimNotFound = "ClaimNotFound";

    /// <summary>A service account that is referred to does not exist.</summary>
    public const string ServiceAccountNotFound = "ServiceAccountNotFound";

    /// <summary>The Backbone is at its largest number of experts.</summary>
    public const string GrowthBudgetSpent = "GrowthBudgetSpent";

    /// <summary>The API server refused an object that was made from the spec, such as a Job with an invalid affinity.</summary>
    public const string ChildRejected = "ChildRejected";

    /// <summary>A request or a set would say more, over all skills and experts, than a ConfigMap holds.</summary>
    public const string TooLarge = "TooLarge";

    /// <summary>An object that the operator would make is there already and somebody else's.</summary>
    public const string NameTaken = "NameTaken";

    /// <summary>The expert that a skill is to extend has as many skills as one may have.</summary>
    public const string ExpertFull = "ExpertFull";

    // Work under way

    /// <summary>Not looked at yet.</summary>
    public const string Pending = "Pending";

    /// <summary>Something went wrong that may go by itself, such as a call that failed; it is tried again.</summary>
    public const string Retrying = "Retrying";

    /// <summary>Work on it is suspended by its spec.</summary>
    public const string Suspended = "Suspended";

    /// <summary>It is being deleted.</summary>
    public const string Terminating = "Terminating";

    /// <summary>It waits until its Backbone is prepared.</summary>
    public const string BackboneNotReady = "BackboneNotReady";

    /// <summary>It waits until as many jobs as may run at once have ended.</summary>
    public const string WaitingForSlot = "WaitingForSlot";

    /// <summary>Kueue has not admitted the Job yet.</summary>
    public const string WaitingForQuota = "WaitingForQuota";

    /// <summary>The Job was pre-empted and goes on from its last checkpoint when it is admitted again.</summary>
    public const string Preempted = "Preempted";

    /// <summary>Kubernetes may not create the pod: a quota, a policy or an account forbids it.</summary>
    public const string FailedCreate = "FailedCreate";

    /// <summary>No node can take the pod; the message is the scheduler's.</summary>
    public const string Unschedulable = "Unschedulable";

    /// <summary>The pod's image cannot be pulled.</summary>
    public const string ImagePullFailed = "ImagePullFailed";

    /// <summary>A Job is running; which one, the message says.</summary>
    public const string JobRunning = "JobRunning";

    /// <summary>The expert is in its high-rate phase.</summary>
    public const string Seeding = "Seeding";

    /// <summary>The expert is in its low-rate phase.</summary>
    public const string Consolidating = "Consolidating";

    // Jobs that ended badly

    /// <summary>A Job failed as often as it may.</summary>
    public const string JobFailed = "JobFailed";

    /// <summary>A Job took longer than it may.</summary>
    public const string DeadlineExceeded = "DeadlineExceeded";

    /// <summary>A Job ended without a result that can be read.</summary>
    public const string ResultMissing = "ResultMissing";

    /// <summary>A Job found its input wrong; another try would fail alike.</summary>
    public const string InvalidInput = "InvalidInput";

    // A bucket, which may be mended without a change of the spec

    /// <summary>There is no such bucket.</summary>
    public const string BucketNotFound = "BucketNotFound";

    /// <summary>The bucket is there, and there is nothing at the place in it that the spec names.</summary>
    public const string ObjectNotFound = "ObjectNotFound";

    /// <summary>The store refuses the credentials, or what is done with them.</summary>
    public const string AccessDenied = "AccessDenied";

    /// <summary>The store's certificate is none of those that are trusted.</summary>
    public const string CertificateInvalid = "CertificateInvalid";

    /// <summary>The store does not answer, or only that it cannot now.</summary>
    public const string EndpointUnreachable = "EndpointUnreachable";

    // Backbone

    /// <summary>The weights were loaded and have the expected digest.</summary>
    public const string BackbonePrepared = "BackbonePrepared";

    /// <summary>The weights are not those that were expected.</summary>
    public const string DigestMismatch = "DigestMismatch";

    /// <summary>No expert is admitted yet: the bare backbone is served.</summary>
    public const string NoExperts = "NoExperts";

    /// <summary>The experts of the next set are known.</summary>
    public const string SetResolved = "SetResolved";

    /// <summary>The set is given by the spec.</summary>
    public const string RevisionPinned = "RevisionPinned";

    /// <summary>The revision that the spec asks for is not among those that are kept.</summary>
    public const string RevisionNotFound = "RevisionNotFound";

    /// <summary>The set that is served is not to be found; pods that run go on with it.</summary>
    public const string SetNotFound = "SetNotFound";

    /// <summary>A router is fitted for the set.</summary>
    public const string RouterFitted = "RouterFitted";

    /// <summary>A set without experts needs no router.</summary>
    public const string RouterNotNeeded = "RouterNotNeeded";

    /// <summary>No skill gets worse than the budget allows.</summary>
    public const string WithinBudget = "WithinBudget";

    /// <summary>There is no older skill to compare.</summary>
    public const string NothingToCompare = "NothingToCompare";

    /// <summary>The candidate makes a skill worse than the budget allows, an older one or the one that it brings; the active set keeps serving.</summary>
    public const string RegressionRefused = "RegressionRefused";

    /// <summary>All pods serve the active revision.</summary>
    public const string RollOutComplete = "RollOutComplete";

    /// <summary>Pods are being replaced.</summary>
    public const string RollingOut = "RollingOut";

    /// <summary>The roll does not get on; the pods of the revision before keep serving.</summary>
    public const string RollOutStuck = "RollOutStuck";

    /// <summary>Too few pods are ready to answer.</summary>
    public const string ReplicasUnavailable = "ReplicasUnavailable";

    /// <summary>The spec asks for no pods.</summary>
    public const string ScaledToZero = "ScaledToZero";

    /// <summary>Everything that was asked for is served.</summary>
    public const string Serving = "Serving";

    // Skill

    /// <summary>The data are in the store, under their digest.</summary>
    public const string DatasetPublished = "DatasetPublished";

    /// <summary>The data are in the store, and so much alike that little can be learnt from them.</summary>
    public const string LowDiversity = "LowDiversity";

    /// <summary>The data are in the store, and some samples are longer than the Backbone's context, so that parts of them are not learnt.</summary>
    public const string SamplesCut = "SamplesCut";

    /// <summary>The data cannot be read.</summary>
    public const string DataInvalid = "DataInvalid";

    /// <summary>The data are nothing that an expert knows: it gets one of its own.</summary>
    public const string Novel = "Novel";

    /// <summary>An expert knows something near: it learns these data too.</summary>
    public const string Extends = "Extends";

    /// <summary>An expert knows this already.</summary>
    public const string Covered = "Covered";

    /// <summary>Too few samples to decide on.</summary>
    public const string InsufficientData = "InsufficientData";

    /// <summary>The spec says what to do, so nothing was decided.</summary>
    public const string NoveltyGiven = "NoveltyGiven";

    /// <summary>It waits for its expert.</summary>
    public const string ExpertNotReady = "ExpertNotReady";

    /// <summary>Its expert failed.</summary>
    public const string ExpertFailed = "ExpertFailed";

    // LoraExpert

    /// <summary>It has learnt all it was given.</summary>
    public const string TrainingComplete = "TrainingComplete";

    /// <summary>The adapter was checked and taken into the store.</summary>
    public const string Imported = "Imported";

    /// <summary>The adapter does not fit the backbone.</summary>
    public const string AdapterInvalid = "AdapterInvalid";

    /// <summary>It is better than the bare backbone on held-out data.</summary>
    public const string GainMeasured = "GainMeasured";

    /// <summary>It is no better than the bare backbone on held-out data.</summary>
    public const string NoGain = "NoGain";

    /// <summary>The version was not measured: there are no held-out data, or it came back by a roll back to a former backbone.</summary>
    public const string NotMeasured = "NotMeasured";

    /// <summary>Its evidence suffices.</summary>
    public const string EvidenceSufficient = "EvidenceSufficient";

    /// <summary>Its evidence does not suffice yet; the message says what holds it back.</summary>
    public const string EvidenceInsufficient = "EvidenceInsufficient";

    /// <summary>It is not part of the active set yet.</summary>
    public const string NotInSet = "NotInSet";

    /// <summary>It was taken out of the set and kept.</summary>
    public const string Archived = "Archived";

    /// <summary>Another expert has taken over what it knew.</summary>
    public const string Merged = "Merged";

    // Events of a Backbone

    /// <summary>Prompts of a new kind came in, and a suspended Skill shows them.</summary>
    public const string SkillProposed = "SkillProposed";

    // Consolidation

    /// <summary>Nothing is to be done before the schedule says so.</summary>
    public const string WaitingForSchedule = "WaitingForSchedule";

    /// <summary>It was due, and did not run: too late, suspended, or while a run was under way.</summary>
    public const string RunMissed = "RunMissed";

    /// <summary>Episodes are to be learnt, and the Backbone has no memory.</summary>
    public const string NoMemory = "NoMemory";

    /// <summary>Episodes are to be learnt, and their expert takes no part in the run; the message says why.</summary>
    public const string EpisodesNotLearnt = "EpisodesNotLearnt";

    /// <summary>No expert takes part in a run: none is served, none of those that are named, or each is kept from it by what the message says.</summary>
    public const string NothingToConsolidate = "NothingToConsolidate";

    /// <summary>The experts of the run are trained, and at least one has a new version.</summary>
    public const string ConsolidationComplete = "ConsolidationComplete";

    /// <summary>No expert became better: all stay as they are.</summary>
    public const string NothingImproved = "NothingImproved";

    /// <summary>What was offered waits for a set.</summary>
    public const string AwaitingAdmission = "AwaitingAdmission";

    /// <summary>The set that is served holds what was offered.</summary>
    public const string SetAdmitted = "SetAdmitted";

    /// <summary>Experts learnt something else meanwhile, or are gone: what was offered is for versions that no longer count.</summary>
    public const string Superseded = "Superseded";

    // Growth

    /// <summary>The backbone cannot grow like this; the message says why.</summary>
    public const string GrowthImpossible = "GrowthImpossible";

    /// <summary>The operators are known, with the sizes that they lead to.</summary>
    public const string GrowthPlanned = "GrowthPlanned";

    /// <summary>The larger backbone computes what the smaller one does.</summary>
    public const string FunctionPreserved = "FunctionPreserved";

    /// <summary>The larger backbone does not compute what the smaller one does.</summary>
    public const string FunctionChanged = "FunctionChanged";

    /// <summary>The larger backbone has learnt from the smaller one and says what that says.</summary>
    public const string RelearningComplete = "RelearningComplete";

    /// <summary>No relearning was asked for, or it brought the larger backbone no closer and was not kept.</summary>
    public const string NothingToRelearn = "NothingToRelearn";

    /// <summary>On held-out text the larger backbone diverges from the smaller one by more than the gate allows.</summary>
    public const string DivergenceTooLarge = "DivergenceTooLarge";

    /// <summary>The experts are being carried over to the larger backbone.</summary>
    public const string MigratingExperts = "MigratingExperts";

    /// <summary>An expert could not be carried over.</summary>
    public const string MigrationFailed = "MigrationFailed";

    /// <summary>The set that is served is on the larger backbone.</summary>
    public const string BackboneAdopted = "BackboneAdopted";

    /// <summary>It was adopted, and a set on another backbone is served by now.</summary>
    public const string RolledBack = "RolledBack";

    /// <summary>Another Growth of the same Backbone goes first.</summary>
    public const string AnotherGrowth = "AnotherGrowth";
}
