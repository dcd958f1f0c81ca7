# complete.zsh FOLDER LINE...: prints each line as zsh completes it after the tab key at its end, with the completions of a folder.
zmodload zsh/zpty
folder=$1
shift
zpty shell TERM=dumb zsh -f -i
zpty -w shell "PS1= PS2= fpath=($folder \$fpath); autoload -Uz compinit; compinit -D -u; unsetopt beep
show() { print -r -- \"RESULT<\$BUFFER>\"; BUFFER= }; zle -N show; bindkey '^I' complete-word; bindkey '^X' show; print READ''Y"
zpty -r -m shell _ '*READY*'
for line; do
    zpty -n -w shell "$line"$'\t\C-x'
    zpty -r -m shell answer '*RESULT<*>*'
    answer=${answer##*RESULT<}
    print -r -- "${answer%%>*}"
done
zpty -d shell
