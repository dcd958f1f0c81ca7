"""bill.py FILE VERSION DATE MUSL ILC: prints a bill of materials in the format CycloneDX.

FILE is the one that the tool has made, DATE the time of the sources in seconds since 1970, MUSL and ILC are versions of what no package of
NuGet brings into the executable: the C library of Debian's package musl-dev, and the compiler.
"""
import json
import sys
import time

file, version, date, musl, compiler = sys.argv[1:]
with open(file, encoding="utf-8") as opened:
    bill = json.load(opened)

own = {"type": "application", "bom-ref": f"localservice@{version}", "name": "localservice", "version": version, "licenses": [{"license": {"id": "ISC"}}]}
library = {
    "type": "library", "bom-ref": f"pkg:deb/debian/musl@{musl}", "name": "musl", "version": musl, "scope": "required",
    "licenses": [{"license": {"id": "MIT"}}], "purl": f"pkg:deb/debian/musl@{musl}",
}
bill["metadata"]["timestamp"] = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(int(date)))
bill["metadata"]["component"] = own
bill["metadata"]["tools"]["components"].append({"type": "application", "name": "runtime.linux-x64.Microsoft.DotNet.ILCompiler", "version": compiler})
bill["components"].append(library)
packages = [component["bom-ref"] for component in bill["components"]]
bill["dependencies"] = [{"ref": own["bom-ref"], "dependsOn": packages}] + [{"ref": name, "dependsOn": []} for name in packages]
json.dump(bill, sys.stdout, indent=2, sort_keys=True)
print()
