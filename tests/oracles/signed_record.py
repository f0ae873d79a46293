"""Does a signed document carry the SHA-256 of this text? `python signed_record.py TEXT.json DOCUMENT.pdf`

Uses nothing but Python: the hash is that of the text's bytes; the document's is read from its bytes.
"""

import hashlib
import pathlib
import re
import sys


def main(text: str, document: str) -> int:
    """Print both hashes and the head of the chain; return 0 when the hashes are equal."""
    computed = hashlib.sha256(pathlib.Path(text).read_bytes()).hexdigest()
    pattern = rb"promise-record:([-\w]+:\d+:[0-9a-f]{64}):([0-9a-f]{64})"
    found = set(re.findall(pattern, pathlib.Path(document).read_bytes()))
    printed = {sha256.decode() for _head, sha256 in found}
    print("text", computed)
    for head, sha256 in sorted(found):
        print("document", sha256.decode())
        print("head", head.decode())
    return 0 if printed == {computed} else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
