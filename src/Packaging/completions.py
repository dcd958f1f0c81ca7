"""The completions of bash, zsh and fish, from what the roles declare: `pages.py completions` writes them."""
import os
import re

from declarations import FLAGS, describe, write

KINDS = {
    'file': 'bindpath rulesfile path ifile ofile socket socketfrom socketto cdbfile lockfile [ args... ] [ sargs... ]',
    'directory': 'rulesdir dir fifodir lockdir',
    'user': 'uid account', 'group': 'gid', 'host': 'host domain',
    'program': 'prog...', 'variable': '[ var... ]',
}


def kind_of(name):
    for kind, names in KINDS.items():
        if name in re.findall(r'\[ .*? \]|\S+', names):
            return kind
    return 'block' if name.startswith('{') else 'word'


def quote(text):
    return "'" + text.replace("'", "'\\''") + "'"


def all_names(roles):
    return ['localservice'] + [name for role in roles for name in role.names]


def patterns(role):
    return '|'.join(dict.fromkeys([*role.names, role.name]))


BASH = r'''
# The kinds of what can stand at a place.
_localservice_kind() {
    case $1 in
        file) _filedir ;;
        directory) _filedir -d ;;
        user) COMPREPLY=($(compgen -u -- "$cur")) ;;
        group) COMPREPLY=($(compgen -g -- "$cur")) ;;
        host) COMPREPLY=($(compgen -A hostname -- "$cur")) ;;
        variable) COMPREPLY=($(compgen -v -- "$cur")) ;;
    esac
}

_localservice() {
    local cur prev words cword i start=0 role place=0 options arguments operands word kind pending= ended=
    _init_completion -n =: || return
    role=${words[0]##*/}
    if [[ $role == localservice ]]; then
        if ((cword == 1)); then
            COMPREPLY=($(compgen -W "$_localservice_roles $_localservice_flags" -- "$cur"))
            return
        fi
        if [[ ${words[1]} == --* ]]; then
            [[ ${words[1]} == --install ]] && _filedir -d
            return
        fi
        role=${words[1]} start=1
    fi
    _localservice_role "$role" || return
    # Options end with the first operand; what an option takes is the rest of its word or the next one.
    for ((i = start + 1; i < cword; i++)); do
        word=${words[i]}
        if [[ $pending ]]; then
            pending=
        elif [[ $word == -- && $place == 0 && ! $ended ]]; then
            ended=1
        elif [[ $word == --?* && $place == 0 && ! $ended ]]; then
            [[ $word != *=* && " $arguments " == *" $word:"* ]] && pending=$word
        elif [[ $word == -?* && $place == 0 && ! $ended ]]; then
            while [[ ${#word} -gt 1 ]]; do
                if [[ " $arguments " == *" -${word:1:1}:"* ]]; then
                    [[ ${#word} == 2 ]] && pending=$word
                    break
                fi
                word=-${word:2}
            done
        else
            kind=${operands[place]-}
            if [[ $kind == program ]]; then
                _command_offset "$i"
                return
            elif [[ $kind == block && $word ]]; then
                continue
            fi
            ((place += 1))
            ((place < ${#operands[@]})) || place=$((${#operands[@]}))
        fi
    done
    if [[ $pending ]]; then
        word=" $arguments "
        word=${word#*" $pending:"}
        _localservice_kind "${word%% *}"
    elif [[ $cur == --*=* && $place == 0 && ! $ended ]]; then
        word=" $arguments "
        word=${word#*" ${cur%%=*}:"}
        cur=${cur#*=}
        _localservice_kind "${word%% *}"
    elif [[ $cur == -* && $place == 0 && ! $ended ]]; then
        COMPREPLY=($(compgen -W "$options" -- "$cur"))
    else
        kind=${operands[place]-}
        [[ $kind || ${#operands[@]} == 0 ]] || kind=${operands[-1]}
        case $kind in
            program) _command_offset "$cword" ;;
            block) _filedir -d ;;
            *) _localservice_kind "$kind" ;;
        esac
    fi
}
'''


def bash(roles):
    out = ['# bash completion of localservice and its roles; written by src/Packaging/completions.py.', '']
    out.append('_localservice_roles=' + quote(' '.join(role.name for role in roles)))
    out.append('_localservice_flags=' + quote(' '.join(FLAGS)))
    out += ['', '# Sets what a role takes: all options, those with an argument and its kind, the kinds of the operands.', '_localservice_role() {', '    case $1 in']
    for role in roles:
        options = ' '.join(f'-{option.letter} --{option.name}' for option in role.options)
        arguments = ' '.join(f'{name}:{kind_of(option.argument)}' for option in role.options if option.argument != '-' for name in (f'-{option.letter}', f'--{option.name}'))
        operands = ' '.join(kind_of(form) for form, _ in role.operands)
        out.append(f'        {patterns(role)}) options={quote(options + " --help")} arguments={quote(arguments)} operands=({operands}) ;;')
    out += ['        *) return 1 ;;', '    esac', '}', BASH]
    out.append('complete -F _localservice ' + ' '.join(all_names(roles)))
    return '\n'.join(out) + '\n'


ZSH_KINDS = {
    'file': '_files', 'directory': '_files -/', 'user': '_users', 'group': '_groups', 'host': '_hosts', 'variable': '_parameters -g "*export*"', 'block': '_files', 'word': ' ',
}


def zsh_text(text):
    return re.sub(r'([\[\]:\\])', r'\\\1', text)


def zsh(roles):
    out = ['#compdef ' + ' '.join(all_names(roles)), '# zsh completion of localservice and its roles; written by src/Packaging/completions.py.', '']
    out += ['local role=${words[1]:t}', 'local -a roles', 'if [[ $role == localservice ]]; then', '  if (( CURRENT == 2 )); then', '    roles=(']
    out += ['      ' + quote(f'{role.name}:{zsh_text(role.summary)}') for role in roles]
    out += ['      ' + quote(f'{flag}:{text}') for flag, text in FLAGS.items()]
    out += ['    )', '    _describe -t roles role roles', '    return', '  fi', '  shift words', '  (( CURRENT-- ))', '  role=$words[1]',
            '  if [[ $role == --install ]]; then', '    _files -/', '    return', '  fi', 'fi', '', 'case $role in']
    for role in roles:
        specifications = []
        for option in role.options:
            end = '' if option.argument == '-' else f':{zsh_text(option.argument)}:{ZSH_KINDS[kind_of(option.argument)]}'
            short, long = ('', '') if option.argument == '-' else ('+', '=')
            text = f'[{zsh_text(option.meaning)}]{end}'
            specifications += [quote(f'-{option.letter}{short}{text}'), quote(f'--{option.name}{long}{text}')]
        rest = False
        for number, (form, _) in enumerate(role.operands, 1):
            kind = kind_of(form)
            if kind == 'program':
                if not rest:
                    specifications.append(quote('*:::program: _normal'))
                rest = True
            elif not rest:
                rest = '...' in form
                specifications.append(quote(f'{"*" if rest else number}:{zsh_text(form)}:{ZSH_KINDS[kind]}'))
        out.append(f"  {patterns(role)})\n    _arguments -s -S -A '-*' \\\n      " + ' \\\n      '.join(specifications + ["'(- *)--help[show the help]'"]) + '\n    ;;')
    out.append('esac')
    return '\n'.join(out) + '\n'


FISH = r'''
# Prints what can stand at the place of the cursor, with a tab in front of what it means.
function __localservice_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l role (string replace -r '.*/' '' -- $words[1])
    set -e words[1]
    if test "$role" = localservice
        if not set -q words[1]
            __localservice_roles
            return
        end
        set role $words[1]
        set -e words[1]
        if test "$role" = --install
            __fish_complete_directories "$current"
            return
        end
    end
    # Lines "letter TAB long name TAB kind of argument TAB meaning", then the kinds of the operands.
    set -l options (__localservice_options $role)
    set -l operands (__localservice_operands $role)
    set -l place 1
    set -l pending
    set -l ended
    while set -q words[1]
        set -l word $words[1]
        if test -n "$pending"
            set pending
        else if test $place = 1 -a -z "$ended"; and test "$word" = --
            set ended 1
        else if test $place = 1 -a -z "$ended"; and string match -q -- '-?*' $word
            for option in $options
                set -l fields (string split \t -- $option)
                test "$fields[3]" != -; or continue
                if test "$word" = "--$fields[2]"; or string match -qr -- "^-[^-]*$fields[1]\$" $word
                    set pending $fields[3]
                end
            end
        else if test "$operands[$place]" = program
            __fish_complete_subcommand --commandline $words (test -n "$current"; and echo -- $current; or echo '')
            return
        else if test "$operands[$place]" != block -o -z "$word"
            set place (math $place + 1)
        end
        set -e words[1]
    end
    if test -n "$pending"
        __localservice_kind $pending $current
    else if test $place = 1 -a -z "$ended"; and string match -q -- '--*=*' $current
        set -l parts (string split -m 1 = -- $current)
        for option in $options
            set -l fields (string split \t -- $option)
            if test "--$fields[2]" = $parts[1]
                __localservice_kind $fields[3] $parts[2] | string replace -r -- '^' "$parts[1]="
            end
        end
    else if test $place = 1 -a -z "$ended"; and string match -q -- '-*' $current
        for option in $options
            set -l fields (string split \t -- $option)
            printf '%s\t%s\n' "-$fields[1]" $fields[4] "--$fields[2]" $fields[4]
        end
        printf '%s\t%s\n' --help 'show the help'
    else
        test $place -le (count $operands); or set place (count $operands)
        test $place -gt 0; and __localservice_kind $operands[$place] $current
    end
end

function __localservice_kind
    switch $argv[1]
        case file block
            __fish_complete_path "$argv[2]"
        case directory
            __fish_complete_directories "$argv[2]"
        case user
            __fish_complete_users
        case group
            __fish_complete_groups
        case host
            __fish_print_hostnames
        case variable
            set -nx
        case program
            complete -C "$argv[2]"
    end
end
'''


def fish_quote(text):
    return "'" + text.replace('\\', '\\\\').replace("'", "\\'") + "'"


def fish(roles):
    out = ['# fish completion of localservice and its roles; written by src/Packaging/completions.py.', '', 'function __localservice_roles']
    out += [f'    printf "%s\\t%s\\n" {role.name} {fish_quote(role.summary)}' for role in roles]
    out += [f'    printf "%s\\t%s\\n" {flag} {fish_quote(text)}' for flag, text in FLAGS.items()]
    out += ['end', '', 'function __localservice_options', '    switch $argv[1]']
    for role in roles:
        if role.options:
            out.append('        case ' + patterns(role).replace('|', ' '))
            for option in role.options:
                kind = '-' if option.argument == '-' else kind_of(option.argument)
                out.append('            echo ' + fish_quote('\t'.join((option.letter, option.name, kind, option.meaning))))
    out += ['    end', 'end', '', 'function __localservice_operands', '    switch $argv[1]']
    for role in roles:
        if role.operands:
            out.append('        case ' + patterns(role).replace('|', ' '))
            out.append("            printf '%s\\n' " + ' '.join(kind_of(form) for form, _ in role.operands))
    out += ['    end', 'end', FISH]
    out.append(f"for name in {' '.join(all_names(roles))}\n    complete -c $name -f -a '(__localservice_complete)'\nend")
    return '\n'.join(out) + '\n'


def write_completions(executable, target):
    roles = describe(executable)
    write(f'{target}/bash/localservice', bash(roles))
    write(f'{target}/zsh/_localservice', zsh(roles))
    write(f'{target}/fish/localservice.fish', fish(roles))
    # bash and fish look for a file with the command's name.
    for name in all_names(roles)[1:]:
        for link, file in ((f'{target}/bash/{name}', 'localservice'), (f'{target}/fish/{name}.fish', 'localservice.fish')):
            if os.path.lexists(link):
                os.remove(link)
            os.symlink(file, link)
