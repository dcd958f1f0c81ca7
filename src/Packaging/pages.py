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

import completions
from declarations import describe, write

DATE = 'November 28, 2026'


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


def main(words):
    if len(words) == 4 and words[0] in ('man', 'html'):
        write_pages(*words[1:], html=words[0] == 'html')
    elif len(words) == 3 and words[0] == 'completions':
        completions.write_completions(*words[1:])
    else:
        raise SystemExit(__doc__)


if __name__ == '__main__':
    main(sys.argv[1:])
