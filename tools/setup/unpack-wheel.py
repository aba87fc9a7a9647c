"""Takes out of a wheel what the addon needs: python3 unpack-wheel.py WHEEL FOLDER.

Of TensorFlow: its two libraries and the C headers with all that they include. Of an nvidia wheel: all of nvidia/.
Prints the requirements of the wheel's extra "and-cuda", one a line.
"""

import os
import re
import shutil
import sys
import zipfile

HEADERS = [
    "tensorflow/c/c_api.h",
    "tensorflow/c/c_api_experimental.h",
    "tensorflow/c/eager/c_api.h",
    "tensorflow/c/eager/c_api_experimental.h",
    "tensorflow/core/platform/ctstring_internal.h",
]
LIBRARY = re.compile(r"tensorflow/libtensorflow_(cc|framework)\.(so\.2|2\.dylib)$")
INCLUDE = re.compile(r'^\s*#\s*include\s*["<]([^">]+)[">]', re.M)


def headers(wheel, names):
    prefix, found, todo = "tensorflow/include/", set(), list(HEADERS)
    while todo:
        header = todo.pop()
        if prefix + header in names and header not in found:
            found.add(header)
            text = wheel.read(prefix + header).decode("utf-8", "replace")
            near = os.path.dirname(header) + "/"
            todo += [path for name in INCLUDE.findall(text) for path in (name, near + name)]
    return [prefix + header for header in sorted(found)]


def main(path, folder):
    with zipfile.ZipFile(path) as wheel:
        names = set(wheel.namelist())
        wanted = [name for name in names if LIBRARY.match(name) or name.startswith("nvidia/")]
        for name in wanted + headers(wheel, names):
            target = os.path.join(folder, *name.split("/"))
            if name.endswith("/") or ".." in name:
                continue
            os.makedirs(os.path.dirname(target), exist_ok=True)
            with wheel.open(name) as source, open(target, "wb") as out:
                shutil.copyfileobj(source, out, 1 << 22)
            if "/bin/" in name:
                os.chmod(target, 0o755)
        metadata = next(name for name in names if name.endswith(".dist-info/METADATA"))
        for line in wheel.read(metadata).decode().splitlines():
            match = re.match(r'Requires-Dist: (.+?);\s*extra == .and-cuda.$', line)
            if match:
                print(match.group(1))


main(sys.argv[1], sys.argv[2])
