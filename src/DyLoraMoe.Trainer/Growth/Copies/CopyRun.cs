using System.Text.Json.Nodes;
using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Models;
using DyLoraMoe.Core.Safetensors;
using DyLoraMoe.Core.Training;
using DyLoraMoe.Core.Training.Distillation;
using DyLoraMoe.Trainer.CommandLine;
using static TorchSharp.torch;

namespace DyLoraMoe.Trainer.Growth.Copies;

/// <summary>A model that learns from another, and its folder, which appears whole or not at all.</summary>
/// <param name="output">The folder of the result.</param>
internal sealed class CopyRun(string output)
{
    private const string LogFile = "log.jsonl";

    /// <summary>Where a run keeps what it needs to go on; gone with the result.</summary>
    public static string WorkFolder(string output) => Path.TrimEndingDirectorySeparator(Path.GetFullPath(output)) + ".unfinished";

    /// <summary>Draws or reads the texts; a signal ends the verb. Where there is an output the caller holds its run's folders, since texts are kept there.</summary>
    /// <exception cref="StoppedException">A signal came.</exception>
    public static TeachingTexts Prepare(TeachingChoice choice, string folder, CausalLanguageModel teacher, string? output)
    {
        using var stop = StopRequest.Listen();
        try
        {
            var texts = TeachingTexts.Of(choice, folder, teacher, output is null ? null : WorkFolder(output), stop.Token);
            stop.ThrowIfRequested();
            return texts;
        }
        catch (OperationCanceledException)
        {
            stop.ThrowIfRequested();
            throw;
        }
    }

    /// <summary>Teaches the student to the end; a signal ends with a checkpoint. The caller holds the run's folders.</summary>
    /// <param name="student">Changes.</param>
    /// <param name="teacher">Stays.</param>
    /// <param name="texts">What is learnt and measured.</param>
    /// <param name="choice">How.</param>
    /// <param name="run">Where checkpoints and the log are.</param>
    /// <param name="publish">Publishes the result; checkpoints are removed only after it.</param>
    public void Teach(CausalLanguageModel student, CausalLanguageModel teacher, TeachingTexts texts, TeachingChoice choice, RunChoice run, Action<TrainingReport> publish)
    {
        SupervisedRun.Execute(run, settings => Start(student, teacher, texts, choice, settings), publish);
        RemoveWork(output);
    }

    /// <summary>Removes what a run needed to go on, once its result is there.</summary>
    /// <param name="output">The folder of the result.</param>
    public static void RemoveWork(string output)
    {
        if (Directory.Exists(WorkFolder(output)))
        {
            Directory.Delete(WorkFolder(output), recursive: true);
        }
    }

    /// <summary>Puts the log of a training beside its result.</summary>
    /// <param name="log">The log; null for none.</param>
    /// <param name="folder">The folder of the result.</param>
    public static void KeepLog(string? log, string folder)
    {
        if (log is not null && File.Exists(log))
        {
            File.Copy(log, Path.Combine(folder, LogFile));
        }
    }

    /// <summary>A run that teaches the student.</summary>
    /// <param name="student">Changes.</param>
    /// <param name="teacher">Stays.</param>
    /// <param name="texts">What is learnt and measured.</param>
    /// <param name="choice">How.</param>
    /// <param name="settings">How the run is watched and saved.</param>
    public static TrainingRun Start(CausalLanguageModel student, CausalLanguageModel teacher, TeachingTexts texts, TeachingChoice choice, RunSettings settings) => TrainingRun.OfStudent(
        student,
        new Teacher(teacher) { Temperature = choice.Temperature, Handover = choice.Handover },
        TrainingData.OfSource(batches => HandoverSource.Open(texts.Taught, texts.Data, choice.Handover, batches), texts.HeldOut),
        choice.Training,
        settings);

    /// <summary>Makes a model's weights those that its folder will hold.</summary>
    public static void Round(CausalLanguageModel model, ScalarType type)
    {
        using var _ = no_grad();
        foreach (var parameter in model.parameters())
        {
            using var scope = NewDisposeScope();
            parameter.copy_(parameter.to_type(type));
        }
    }

    /// <summary>Writes the folder.</summary>
    /// <param name="model">The result.</param>
    /// <param name="type">Element type of its weights.</param>
    /// <param name="companions">The folder whose tokenizer goes with it.</param>
    /// <param name="recordFile">Name of the record.</param>
    /// <param name="record">How the model came to be.</param>
    /// <param name="log">The log of the training; null for none.</param>
    public void Publish(CausalLanguageModel model, ScalarType type, string companions, string recordFile, JsonNode record, string? log) => AtomicFolder.Write(output, aside =>
    {
        ModelFolder.Save(aside, model, type);
        CompanionFiles.Copy(companions, aside);
        AtomicFile.WriteText(Path.Combine(aside, recordFile), JsonText.Of(record));
        KeepLog(log, aside);
        return true;
    });
}
