"""What `localservice --describe` says: the data of the manual pages and of the completions."""
import os
import subprocess
from collections import namedtuple

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


def write(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, 'w', encoding='utf-8') as file:
        file.write(text)
