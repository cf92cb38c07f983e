using System.CommandLine;
using System.Globalization;
using System.Text;
using DyLoraMoe.CommandLine;
using DyLoraMoe.Kubectl.CommandLine;
using DyLoraMoe.Kubectl.Output;
using Spectre.Console;

namespace DyLoraMoe.Kubectl.Serving;

/// <summary><c>kubectl dylora chat</c>: talks with a backbone and its experts, word by word.</summary>
internal static class ChatCommand
{
    private const string Help = "/new begins anew, /exit ends; so do Ctrl-D and Ctrl-C.";

    /// <summary>The verb with its options.</summary>
    public static Verb Create(GlobalOptions global, Terminal terminal)
    {
        var message = new Option<string?>("--message", "-m") { Description = "Ask this and end. [default: a conversation on a terminal, else all of standard input]", HelpName = "TEXT" };
        var access = new RouterAccess();
        var expert = new Option<string?>("--expert") { Description = "Have this expert answer; @backbone for the bare backbone. [default: the router chooses]", HelpName = "NAME" };
        var system = new Option<string?>("--system") { Description = "What the model is told first.", HelpName = "TEXT" };
        var isRaw = new Option<bool>("--raw") { Description = "Go on from the text as it is, without a chat template; each text stands alone." };
        var most = new Option<int?>("--max-tokens") { Description = "Longest answer. [default: the router's own; 64 with --raw]", HelpName = "N" };
        var temperature = new Option<double?>("--temperature") { Description = "0 for the likeliest words. [default: the router's own]", HelpName = "T" };
        var end = new Option<string?>("--stop") { Description = @"Where an answer ends; \n stands for the end of a line.", HelpName = "TEXT" };
        return new Verb("chat", "Talk with a backbone and its experts.")
        {
            Details = "Asks a ready router pod through a forwarded port, which takes the verbs get and create of pods/portforward; nothing needs to be exposed. Answers are shown as they come, and below each who gave it, which goes to "
                + "standard error. With -m or redirected input only the answer is on standard output. " + Help,
            Examples =
            [
                "kubectl dylora chat",
                "kubectl dylora chat -m 'What is 7 times 6?' --temperature 0",
                @"kubectl dylora chat --raw -m 'Reverse: a b c ->' --stop '\n'",
                "kubectl dylora chat --expert reverse --backbone tiny",
            ],
        }.With([message, .. access.All, expert, system, isRaw, most, temperature, end]).Runs(async (parsed, stop) =>
        {
            using var cluster = global.Connect(parsed);
            using var router = await access.ConnectAsync(cluster, parsed, stop).ConfigureAwait(false);
            var conversation = new Conversation(router, terminal)
            {
                Template = new AnswerRequest(parsed.GetValue(expert) is { } forced ? $"{router.Backbone}:{forced}" : router.Backbone, Stream: true)
                {
                    MaxTokens = parsed.GetValue(most) ?? (parsed.GetValue(isRaw) ? 64 : null),
                    Temperature = parsed.GetValue(temperature),
                    Stop = parsed.GetValue(end)?.Replace("\\n", "\n", StringComparison.Ordinal),
                },
                IsRaw = parsed.GetValue(isRaw),
                System = parsed.GetValue(system),
            };
            if (parsed.GetValue(message) is { } once)
            {
                await conversation.AskAsync(once, stop).ConfigureAwait(false);
            }
            else if (!terminal.IsTyped)
            {
                await conversation.AskAsync((await terminal.Input.ReadToEndAsync(stop).ConfigureAwait(false)).TrimEnd('\n'), stop).ConfigureAwait(false);
            }
            else
            {
                await TalkAsync(conversation, router.Backbone, terminal, stop).ConfigureAwait(false);
            }

            return ExitCode.Done;
        });
    }

    private static async Task TalkAsync(Conversation conversation, string backbone, Terminal terminal, CancellationToken stop)
    {
        terminal.Out.MarkupLine($"[grey]{Markup.Escape(backbone)} listens. {Help}[/]");
        while (true)
        {
            terminal.Out.Markup("[bold]>[/] ");

            // A line that is being typed cannot be given up; the program ends without it.
            var line = await Task.Run(terminal.Input.ReadLine, CancellationToken.None).WaitAsync(stop).ConfigureAwait(false);
            switch (line?.Trim())
            {
                case null or "/exit":
                    return;
                case "":
                    break;
                case "/new":
                    conversation.BeginAnew();
                    break;
                case ['/', ..] other:
                    terminal.Error.WriteLine($"There is no {other}. {Help}");
                    break;
                default:
                    await TryAsync(conversation, line, terminal, stop).ConfigureAwait(false);
                    break;
            }
        }
    }

    // A question that cannot be answered does not end the conversation.
    private static async Task TryAsync(Conversation conversation, string line, Terminal terminal, CancellationToken stop)
    {
        try
        {
            await conversation.AskAsync(line, stop).ConfigureAwait(false);
        }
        catch (Exception error) when (error is PluginException or IOException && !stop.IsCancellationRequested)
        {
            terminal.Error.WriteLine(error.Message);
        }
    }

    /// <summary>What was said so far.</summary>
    private sealed class Conversation(RouterClient router, Terminal terminal)
    {
        private readonly List<ChatMessage> _said = [];

        public required AnswerRequest Template { get; init; }

        public bool IsRaw { get; init; }

        public string? System { get; init; }

        public void BeginAnew() => _said.Clear();

        public async Task AskAsync(string text, CancellationToken stop)
        {
            var question = new ChatMessage("user", text);
            var request = IsRaw ? Template with { Prompt = text } : Template with { Messages = [.. System is null ? [] : new[] { new ChatMessage("system", System) }, .. _said, question] };
            var (answer, routing) = (new StringBuilder(), (Routing?)null);
            await foreach (var part in router.AnswerAsync(request, stop).ConfigureAwait(false))
            {
                routing ??= part.Routing;
                answer.Append(part.Text);
                terminal.Writer.Write(part.Text);
                terminal.Writer.Flush();
            }

            terminal.Writer.WriteLine();
            terminal.Error.WriteLine(Authors(routing));
            _said.AddRange([question, new ChatMessage("assistant", answer.ToString())]);
        }

        private static string Authors(Routing? routing)
        {
            var authors = (routing?.Experts ?? []).Where(expert => expert.Weight >= 0.005).OrderByDescending(expert => expert.Weight)
                .Select(expert => string.Create(CultureInfo.InvariantCulture, $"{expert.Name} {100 * expert.Weight:0} %")).ToList();
            return $"[{(authors.Count == 0 ? "backbone" : string.Join(", ", authors))}]";
        }
    }
}
