// Completion for bash, of our own: the one of @bomb.sh/tab evaluates the words that were typed, so that `sally ssh $(command)` would run
// the command at the Tab key, and it needs the bash-completion package. Here nothing that was typed is ever evaluated.

export const bashCompletion = String.raw`# bash completion for sally
_sally() {
  local line=${'$'}{COMP_LINE:0:COMP_POINT} words candidate
  read -ra words <<< "$line"
  [[ $line == *[[:space:]] ]] && words+=('')
  local current=${'$'}{words[${'$'}{#words[@]}-1]}
  # bash replaces only what comes behind the last of these, which are in COMP_WORDBREAKS; an @ is replaced as well.
  local kept=${'$'}{current%"${'$'}{current##*[:=]}"}
  [[ $current == *@* ]] && kept=${'$'}{current%%@*}
  COMPREPLY=()
  while IFS=$'\t' read -r candidate _; do
    [[ $candidate == :* || -z $candidate ]] && continue
    [[ $candidate == "$current"* ]] && COMPREPLY+=("${'$'}{candidate#"$kept"}")
  done < <(sally complete -- "${'$'}{words[@]:1}" 2>/dev/null)
}
complete -o default -F _sally sally`;
