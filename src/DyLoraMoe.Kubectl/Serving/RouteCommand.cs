using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using DyLoraMoe.CommandLine;
using DyLoraMoe.Kubectl.CommandLine;
using DyLoraMoe.Kubectl.Output;
using Spectre.Console;

namespace DyLoraMoe.Kubectl.Serving;

/// <summary><c>kubectl dylora route</c>: where a prompt would go, without an answer.</summary>
internal static class RouteCommand
{
    private static readonly JsonSerializerOptions _indented = new(Wire.Options) { WriteIndented = true };

    /// <summary>The verb with its options.</summary>
    public static Verb Create(GlobalOptions global, Terminal terminal)
    {
        var text = new Argument<string>("TEXT") { Description = "The prompt; - reads it from standard input." };
        var chat = new Option<bool>("--chat") { Description = "The prompt is what a user says in a chat, written by the model's chat template." };
        var access = new RouterAccess();
        var format = new Option<string?>("--output", "-o") { Description = "Print json.", HelpName = "json" };
        format.AcceptOnlyFromAmong("json");
        return new Verb("route", "Show which experts a prompt goes to, with what weight, and how new it looks.")
        {
            Details = "Asks a ready router pod through a forwarded port, which takes the verbs get and create of pods/portforward. Probability is what the gate thinks, weight is what counts: dense while an expert is immature, "
                + "sparse once all are mature. The p-value says how many of the nearest skill's own prompts look as unusual.",
            Examples = ["kubectl dylora route 'Reverse: a b c ->'", "kubectl dylora route 'Reverse: a b c ->' --backbone tiny -o json"],
        }.With([text, chat, .. access.All, format]).Runs(async (parsed, stop) =>
        {
            var prompt = parsed.GetValue(text) is "-" ? await terminal.Input.ReadToEndAsync(stop).ConfigureAwait(false) : parsed.GetValue(text)!;
            using var cluster = global.Connect(parsed);
            using var router = await access.ConnectAsync(cluster, parsed, stop).ConfigureAwait(false);
            var reply = await router.RouteAsync(prompt, parsed.GetValue(chat), stop).ConfigureAwait(false);
            if (parsed.GetValue(format) is not null)
            {
                terminal.Writer.WriteLine(JsonSerializer.Serialize(reply, _indented));
            }
            else
            {
                Show(reply, terminal.Out);
            }

            return ExitCode.Done;
        });
    }

    private static void Show(RouteReply reply, IAnsiConsole output)
    {
        var routing = reply.Dylora;
        var table = new Table { Border = TableBorder.None, UseSafeBorder = false };
        table.AddColumns(new TableColumn("EXPERT").Width(24), new TableColumn("PROBABILITY").RightAligned(), new TableColumn("WEIGHT").RightAligned());
        foreach (var expert in routing.Experts.OrderByDescending(expert => expert.Weight).ThenByDescending(expert => expert.Probability))
        {
            table.AddRow(Markup.Escape(expert.Name), Number(expert.Probability), Number(expert.Weight));
        }

        table.AddRow("(backbone)", Number(1 - routing.Experts.Sum(expert => expert.Probability ?? 0)), Number(routing.Backbone));
        output.Write(table);
        output.WriteLine();
        output.WriteLine(FormattableString.Invariant($"{reply.PromptTokens} tokens, {routing.Mode} routing{(routing.Entropy is { } entropy ? $", entropy {Number(entropy)} of 1" : "")}, set {Figures.Short(routing.Set)}"));
        if (routing.Novelty is { } novelty)
        {
            output.WriteLine($"Most like the prompts of skill {novelty.NearestSkill}: {Percent(novelty.PValue)} of them look as unusual.");
        }
    }

    private static string Number(double? number) => number?.ToString("0.0000", CultureInfo.InvariantCulture) ?? "";

    private static string Percent(double share) => share.ToString("0.# %", CultureInfo.InvariantCulture).Replace("%", " %", StringComparison.Ordinal).Replace("  ", " ", StringComparison.Ordinal);
}
