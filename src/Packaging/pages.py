#!/usr/bin/env python3
"""Writes the manual pages and the completions of the shells from what `localservice --describe` says and from doc/man.

pages.py man EXECUTABLE SOURCES TARGET           TARGET/manN/NAME.N, mdoc
pages.py html EXECUTABLE SOURCES TARGET          the same as TARGET/NAME.N.html, with mandoc
pages.py completions EXECUTABLE TARGET           TARGET/bash, TARGET/zsh, TARGET/fish

A source is a text, doc/man/NAME.N, where NAME is that of a role without "s6-". Its lines:

  @title NAME N SUMMARY     for pages that aren't those of a role
  @usage TEXT               a line of their synopsis
  # HEADING                 a section, ended by the next one
  @env NAME TEXT            a variable; @file PATH TEXT: a file; @exit CODE TEXT: an exit code
  @diff TEXT                what is different from s6
  @see NAME(N) ...          other pages
  @example [net] TEXT       an example, up to @end: "$ COMMAND", "> more of it", "% what is executed and not shown", and else its output;
                            "net": the test executes it with a network of its own
  - TERM :: TEXT            an entry of a list
  ```                       begins and ends literal text

Everything else is text: `literal`, NAME(N); paragraphs are separated by empty lines. A text goes on in lines that begin with two blanks.
Exit codes that all programs have (100, 111; 126 and 127 where a program is executed) are added; @server says that it isn't executed.
"""
import os
import re
import subprocess
import sys
from collections import namedtuple

DATE = 'November 28, 2026'
Option = namedtuple('Option', 'letter name argument meaning')
FLAGS = {
    '--list': 'print the roles', '--describe': 'print what every role declares', '--help': 'print the usage', '--version': 'print the version',
    '--install': 'copy the executable to a directory and link the roles to it',
}


class Role:
    def __init__(self, name, program, section, summary):
        self.name, self.program, self.section, self.summary = name, program, section, summary
        self.usage, self.options, self.operands = '', [], []

    @property
    def names(self):
        """The names that an installation links; sudo is another program's."""
        return [self.program] if self.name in (self.program, 'sudo') else [self.program, self.name]


def describe(executable):
    roles = []
    for line in subprocess.run([executable, '--describe'], check=True, capture_output=True, text=True).stdout.splitlines():
        kind, *fields = line.split('\t')
        if kind == 'role':
            roles.append(Role(*fields))
        elif kind == 'usage':
            roles[-1].usage = fields[0].split(' ', 1)[1] if ' ' in fields[0] else ''
        elif kind == 'operand':
            roles[-1].operands.append(fields)
        else:
            roles[-1].options.append(Option(*fields))
    return roles


# ---- mdoc ------------------------------------------------------------------------------------------------------------

def escape(text):
    text = text.replace('\\', '\\e')
    return '\\&' + text if text[:1] in ('.', "'") else text


def argument(text):
    """One argument of a macro, which is never taken for a macro or punctuation."""
    return '"\\&' + text.replace('\\', '\\e').replace('"', '\\(dq') + '"'


INLINE = re.compile(r'(\(?)(?:`([^`]+)`|\b([a-z_0-9-]*[a-z][a-z_0-9-]*)\(([1-8])\))([.,;:)]*)(\S*)')


def prose(text, pages):
    """Lines of mdoc for a paragraph."""
    lines, last = [], 0
    for match in INLINE.finditer(text):
        plain(text[last:match.start()], lines)
        opening, literal, page, section, closing, rest = match.groups()
        words = ['Ql' if literal else 'Xr'] + list(opening)
        words += [argument(literal)] if literal else [pages.get((page, section), page), section]
        words += list(closing) + (['Ns', argument(rest)] if rest else [])
        lines.append('.' + ' '.join(words))
        last = match.end()
    plain(text[last:], lines)
    return lines


def plain(text, lines):
    for sentence in re.split(r'(?<=[a-z)0-9A-Z][.?])\s+(?=[A-Z0-9])', text.strip()):
        if sentence:
            lines.append(escape(sentence))


def body(lines, pages):
    """Lines of mdoc for paragraphs, lists and literal text."""
    out, paragraph, fence, listing = [], [], False, False

    def flush():
        nonlocal paragraph
        if paragraph:
            if out and not listing and not out[-1].startswith(('.Sh', '.El', '.Pp', '.Ed')):
                out.append('.Pp')
            elif out and not listing and out[-1].startswith(('.El', '.Ed')):
                out.append('.Pp')
            out.extend(prose(' '.join(paragraph), pages))
            paragraph = []

    def unlist():
        nonlocal listing
        flush()
        if listing:
            out.append('.El')
            listing = False

    for line in lines:
        if line == '```':
            unlist()
            out.append('.Ed' if fence else '.Bd -literal -offset indent')
            fence = not fence
        elif fence:
            out.append(escape(line))
        elif line.startswith('- '):
            flush()
            if not listing:
                out.append('.Bl -tag -width Ds')
                listing = True
            term, text = line[2:].split(' :: ', 1)
            out.append('.It ' + argument(term.replace('`', '')))
            paragraph = [text]
        elif not line:
            flush()
        elif listing and not line.startswith('  '):
            unlist()
            paragraph = [line]
        else:
            paragraph.append(line.strip())
    unlist()
    return out


def usage_lines(usage):
    """A usage text as mdoc: each group in brackets, each operand."""
    lines = []
    for group in re.findall(r'\[ .*? \]|\{ .*? \}|\S+', usage):
        if group.startswith('['):
            words = []
            for word in group[2:-2].split():
                words += ['Fl', word[1:]] if word.startswith('-') else [word] if word in ('|', '...') else ['Ar', argument(word)]
            lines.append('.Op ' + ' '.join(words))
        elif group.startswith('{'):
            lines.append('.No { Ar ' + ' '.join(group[2:-2].split()) + ' No }')
        else:
            lines.append('.Ar ' + argument(group))
    return lines


def phrase(text):
    return (text if re.match(r"[-0-9/]", text) else text[0].upper() + text[1:]) + '.'


def option_lines(role, pages):
    lines = []
    if role.options:
        lines += ['.Pp', 'The options are as follows:', '.Bl -tag -width Ds']
        for option in role.options:
            item = f'.It Fl {option.letter}'
            if option.argument != '-':
                item += f' Ar {argument(option.argument)}'
            item += f' , Fl -{option.name}'
            if option.argument != '-':
                item += f' Ns = Ns Ar {argument(option.argument)}'
            lines += [item] + prose(phrase(option.meaning), pages)
        lines.append('.El')
    if role.operands:
        lines += ['.Pp', 'The operands are as follows:', '.Bl -tag -width Ds']
        for form, meaning in role.operands:
            lines += ['.It Ar ' + argument(form)] + prose(phrase(meaning), pages)
        lines.append('.El')
    return lines


Source = namedtuple('Source', 'title usages sections entries examples see server')


def read_source(path):
    title, usages, sections, entries, examples, see, server = None, [], [['DESCRIPTION', []]], [], [], [], False
    example = last = None
    for line in open(path, encoding='utf-8').read().splitlines():
        if example is not None:
            if line == '@end':
                examples.append(example)
                example = None
            else:
                example[2].append(line)
        elif line.startswith('@title '):
            title = line.split(' ', 3)[1:]
        elif line.startswith('@usage '):
            usages.append(line[7:])
        elif line.startswith('@example '):
            kind = 'net' if line.startswith('@example net ') else ''
            example = (kind, line[len('@example ') + (len(kind) + 1 if kind else 0):], [])
        elif line.startswith('@see '):
            see += line.split()[1:]
        elif line == '@server':
            server = True
        elif line.startswith('@'):
            kind, text = line[1:].split(' ', 1)
            # A term may be a list: "UID, GID the ids".
            fields = re.fullmatch('()(.*)' if kind == 'diff' else r'(\S+(?:(?<=,) \S+)*) (.+)', text)
            if kind not in ('env', 'file', 'exit', 'diff') or not fields:
                raise SystemExit(f'{path}: {line}')
            last = [kind, *fields.groups()]
            entries.append(last)
        elif last and line.startswith('  '):
            last[2] += ' ' + line.strip()
        else:
            last = None
            if line.startswith('# '):
                sections.append([line[2:], []])
            else:
                sections[-1][1].append(line)
    return Source(title, usages, sections, entries, examples, see, server)


def page(source, role, pages):
    name, section, summary = source.title or (role.program, role.section, role.summary)
    out = ['.\\" Written by src/Packaging/pages.py.', f'.Dd {DATE}', f'.Dt {name.upper()} {section}', '.Os localservice', '.Sh NAME']
    names = role.names if role else [name]
    out += [f'.Nm {each} ,' for each in names[:-1]] + [f'.Nm {names[-1]}', '.Nd ' + escape(summary)]
    if role or source.usages:
        out.append('.Sh SYNOPSIS')
        for usage in [role.usage] if role else source.usages:
            out += [f'.Nm {names[0]}'] + usage_lines(usage)
    for heading, lines in source.sections:
        out += [f'.Sh {heading}'] + body(lines, pages)
        if role and heading == 'DESCRIPTION':
            out += option_lines(role, pages)
    entries = lambda kind: [entry[1:] for entry in source.entries if entry[0] == kind]
    for kind, heading, macro in (('env', 'ENVIRONMENT', 'Ev'), ('file', 'FILES', 'Pa')):
        if entries(kind):
            out += [f'.Sh {heading}', '.Bl -tag -width Ds']
            for term, text in entries(kind):
                out += [f'.It {macro} {argument(term)}'] + prose(phrase(text), pages)
            out.append('.El')
    codes = entries('exit')
    if role:
        given = {code for code, _ in codes}
        chain = not source.server and any(form.startswith('prog') for form, _ in role.operands)
        common = [('100', 'Wrong use: the command line, or what the environment has to say, is wrong.'), ('111', 'A system call has failed; the message says which.')]
        common += [('126', 'The program could not be executed.'), ('127', 'The program was not found.')] if chain else []
        codes += [entry for entry in common if entry[0] not in given]
    if codes:
        out += ['.Sh EXIT STATUS', '.Bl -tag -width Ds']
        for code, text in codes:
            out += [f'.It {argument(code)}'] + prose(text, pages)
        out.append('.El')
    if source.examples:
        out.append('.Sh EXAMPLES')
        for number, (_, text, lines) in enumerate(source.examples):
            out += (['.Pp'] if number else []) + prose(text, pages) + ['.Bd -literal -offset indent']
            out += [escape('  ' + line[2:] if line.startswith('> ') else line) for line in lines if not line.startswith('% ')] + ['.Ed']
    if entries('diff'):
        out.append('.Sh DIFFERENCES FROM S6')
        out += body([line for _, text in entries('diff') for line in (text, '')], pages)
    see = {(each[:-3], each[-2]) for each in source.see} | ({('localservice', '1')} if name != 'localservice' else set())
    see = sorted({(pages.get(each, each[0]), each[1]) for each in see} - {(name, section)}, key=lambda each: (each[1], each[0]))
    out.append('.Sh SEE ALSO')
    out += [f'.Xr {each} {part}' + (' ,' if number + 1 < len(see) else '') for number, (each, part) in enumerate(see)]
    # A page names its program by a macro of its own.
    own = [re.sub(rf'^\.Ql {re.escape(argument(names[0]))}', '.Nm', line) for line in out if line]
    return name, section, names, '\n'.join(own) + '\n'


def write(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, 'w', encoding='utf-8') as file:
        file.write(text)


def write_pages(executable, sources, target, html):
    roles = describe(executable)
    files = sorted(os.listdir(sources))
    pages = {(role.name, role.section): role.program for role in roles}
    by_file = {f'{role.name}.{role.section}': role for role in roles}
    missing = sorted(set(by_file) - set(files))
    if missing:
        raise SystemExit('doc/man: these pages are missing: ' + ' '.join(missing))
    for file in files:
        source = read_source(os.path.join(sources, file))
        if not source.title and file not in by_file:
            raise SystemExit(f'doc/man/{file}: there is no such role with this section')
        name, section, names, text = page(source, None if source.title else by_file[file], pages)
        path = f'{target}/man{section}/{name}.{section}'
        write(path, text)
        if html:
            style = subprocess.run(['mandoc', '-T', 'html', '-O', 'man=%N.%S.html', path], check=True, capture_output=True, text=True).stdout
            write(f'{target}/{name}.{section}.html', style)
        for other in names[1:]:
            write(f'{target}/man{section}/{other}.{section}', f'.so man{section}/{name}.{section}\n')


# ---- completions -----------------------------------------------------------------------------------------------------

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
    out = ['# bash completion of localservice and its roles; written by src/Packaging/pages.py.', '']
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
    out = ['#compdef ' + ' '.join(all_names(roles)), '# zsh completion of localservice and its roles; written by src/Packaging/pages.py.', '']
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
    out = ['# fish completion of localservice and its roles; written by src/Packaging/pages.py.', '', 'function __localservice_roles']
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
    # bash and fish look for a file of the command's name.
    for name in all_names(roles)[1:]:
        for link, file in ((f'{target}/bash/{name}', 'localservice'), (f'{target}/fish/{name}.fish', 'localservice.fish')):
            if os.path.lexists(link):
                os.remove(link)
            os.symlink(file, link)


def main(words):
    if len(words) == 4 and words[0] in ('man', 'html'):
        write_pages(*words[1:], html=words[0] == 'html')
    elif len(words) == 3 and words[0] == 'completions':
        write_completions(*words[1:])
    else:
        raise SystemExit(__doc__)


if __name__ == '__main__':
    main(sys.argv[1:])
