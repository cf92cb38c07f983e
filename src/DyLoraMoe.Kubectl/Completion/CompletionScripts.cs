namespace DyLoraMoe.Kubectl.Completion;

/// <summary>What a shell needs to complete <c>kubectl-dylora</c>, each by asking the program itself.</summary>
internal static class CompletionScripts
{
    /// <summary>The shells.</summary>
    public static IReadOnlyList<string> Shells { get; } = ["bash", "zsh", "fish"];

    /// <summary>The script for a shell.</summary>
    public static string For(string shell) => shell switch
    {
        "bash" => Bash,
        "zsh" => Zsh,
        _ => Fish,
    };

    private const string Bash = """
        # source <(kubectl-dylora completion bash)
        _kubectl_dylora() {
          local line
          COMPREPLY=()
          while IFS= read -r line; do
            case $line in
              :0) compopt -o default ;;
              :*) compopt +o default ;;
              *) COMPREPLY+=("${line%%$'\t'*}") ;;
            esac
          done < <(kubectl-dylora __complete "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
        }
        complete -o default -F _kubectl_dylora kubectl-dylora

        """;

    private const string Zsh = """
        #compdef kubectl-dylora
        # source <(kubectl-dylora completion zsh)
        _kubectl_dylora() {
          local line directive
          local -a found
          while IFS= read -r line; do
            case $line in
              :*) directive=${line#:} ;;
              *) found+=("${${line//:/\\:}/$'\t'/:}") ;;
            esac
          done < <(kubectl-dylora __complete "${(@)words[2,$CURRENT]}" 2>/dev/null)
          _describe -t dylora kubectl-dylora found
          [[ $directive == 0 ]] && _files
        }
        compdef _kubectl_dylora kubectl-dylora

        """;

    private const string Fish = """
        # kubectl-dylora completion fish | source
        function __kubectl_dylora
          set -l words (commandline -opc) (commandline -ct)
          kubectl-dylora __complete $words[2..-1] 2>/dev/null | while read -l line
            switch $line
              case ':0'
                __fish_complete_path (commandline -ct)
              case ':*'
              case '*'
                echo $line
            end
          end
        end
        complete -c kubectl-dylora -f -a '(__kubectl_dylora)'

        """;
}
