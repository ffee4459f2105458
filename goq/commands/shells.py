"""How bash, zsh and fish ask what may stand at the cursor, and how they are answered.

All three give the line up to the cursor, and take a line for each answer: what it is (plain, file, dir, command),
the word, and what it means, with a TAB between. click finds the answers.
"""

import os
from typing import ClassVar

import click
from click.shell_completion import CompletionItem, ShellComplete, split_arg_string

from goq.errors import GoqError

VARIABLE = "_GOQ_COMPLETE"  # which shell asks
_LINE = "_GOQ_LINE"
_BREAKS = "_GOQ_WORDBREAKS"
_BASH = r"""# for ~/.bashrc: eval "$(goq completion bash)"
_goq_completion() {
    local kind word text
    COMPREPLY=()
    while IFS=$'\t' read -r kind word text; do
        case $kind in
            plain) COMPREPLY+=("$word") ;;
            file) compopt -o default ;;
            dir) compopt -o dirnames ;;
            command) COMPREPLY+=($(compgen -c -- "$word")); compopt -o default ;;
        esac
    done < <(_GOQ_LINE="${COMP_LINE:0:COMP_POINT}" _GOQ_WORDBREAKS="$COMP_WORDBREAKS" _GOQ_COMPLETE=bash \
        "$1" 2> /dev/null)
}
complete -o nosort -F _goq_completion goq
"""
_ZSH = r"""#compdef goq
# for ~/.zshrc: eval "$(goq completion zsh)"
_goq_completion() {
    local line kind
    local -a fields values shown
    for line in "${(@f)$(_GOQ_LINE="${(j: :)words[1,CURRENT]}" _GOQ_COMPLETE=zsh "${words[1]}" 2> /dev/null)}"; do
        fields=("${(@ps:\t:)line}")
        case ${fields[1]} in
            plain) values+=("${fields[2]}"); shown+=("${fields[2]}${fields[3]:+  ${fields[3]}}") ;;
            file) _files ;;
            dir) _files -/ ;;
            command) _command_names -e; _files ;;
        esac
    done
    (( $#values )) && compadd -V goq -l -d shown -a values
}
if [[ ${zsh_eval_context[-1]} == loadautofunc ]]; then
    _goq_completion "$@"
else
    (( $+functions[compdef] )) || { autoload -Uz compinit && compinit }
    compdef _goq_completion goq
fi
"""
_FISH = r"""# for ~/.config/fish/config.fish: goq completion fish | source
function _goq_completion
    set -l program (commandline -po)[1]
    set -l line (commandline -cp | string collect)
    for item in (env _GOQ_LINE=$line _GOQ_COMPLETE=fish $program 2> /dev/null)
        set -l fields (string split \t -- $item)
        switch $fields[1]
            case plain
                echo $fields[2]\t$fields[3]
            case file
                __fish_complete_path (commandline -ct)
            case dir
                __fish_complete_directories (commandline -ct)
            case command
                complete -C (commandline -ct)
                __fish_complete_path (commandline -ct)
        end
    end
end
complete --command goq --no-files --keep-order --arguments '(_goq_completion)'
"""
SOURCES = {"bash": _BASH, "zsh": _ZSH, "fish": _FISH}


class Complete(ShellComplete):
    """One of the three; they differ in what they replace."""

    name: ClassVar[str] = "goq"
    source_template: ClassVar[str] = ""

    def get_completion_args(self) -> tuple[list[str], str]:
        """The words before the one at the cursor, without `goq` itself, and what is there of that one."""
        line = os.environ.get(_LINE, "")
        words = split_arg_string(line)[1:]
        is_begun = bool(words) and not line[-1:].isspace()
        return (words[:-1], words[-1]) if is_begun else (words, "")

    def complete(self) -> str:
        """The answers, a line each."""
        args, incomplete = self.get_completion_args()
        items = self.get_completions(list(args), incomplete)
        return "".join(f"{item.type}\t{self._word(item, incomplete)}\t{item.help or ''}\n" for item in items)

    def _word(self, item: CompletionItem, incomplete: str) -> str:
        """What is to stand at the cursor: bash counts from the last : or =, others from the last blank."""
        word = str(item.value)
        if not word.startswith(incomplete):
            word = f"{incomplete.partition('=')[0]}={word}"  # the value of --option=
        at = max((incomplete.rfind(each) for each in ":=" if each in os.environ.get(_BREAKS, "")), default=-1)
        return word[at + 1 :]


def answer_shell(cli: click.Command) -> int:
    """Print what the shell that asks may complete; nothing where that cannot be known. The exit code."""
    try:
        found = Complete(cli, {}, "goq", VARIABLE).complete()
    except (click.ClickException, GoqError):
        return 0  # it is told to who runs the command
    click.echo(found, nl=False)
    return 0
