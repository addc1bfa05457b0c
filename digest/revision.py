"""Files as they were in a revision of a git repository, taken out of it without touching anything in it.

Objects are read as they are stored (``ls-tree``, ``cat-file``): no hook, filter, attribute or program that a foreign
repository configures has a part in that, and nothing is fetched.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Final

import msgspec

from digest.errors import DigestError, LimitError, MissingRequirementError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

SECONDS: Final = 60
LARGEST: Final = 256 * 2**20  # bytes of all files together: a theme with its fonts has 4 MiB
_LFS: Final = b"version https://git-lfs.github.com/spec/"
# What a hook of git sets for the programs that it runs; we name the repository ourselves.
_OF_A_HOOK: Final = frozenset(
    f"GIT_{name}"
    for name in (
        "ALTERNATE_OBJECT_DIRECTORIES",
        "COMMON_DIR",
        "DIR",
        "INDEX_FILE",
        "OBJECT_DIRECTORY",
        "PREFIX",
        "WORK_TREE",
    )
)


class Revision(msgspec.Struct, frozen=True, kw_only=True):
    """A commit.

    Attributes:
        repository: the top folder of its working tree.
        name: as it was asked for, such as ``main``.
        id: its hash.
        subject: the first line of its message.
    """

    repository: Path
    name: str
    id: str
    subject: str

    def __str__(self) -> str:
        return f"{self.name} ({self.id[:10]})" if self.name != self.id else self.name


def repository(folder: Path) -> Path | None:
    """The top folder of the working tree of git that a folder is in.

    Raises:
        MissingRequirementError: git is not installed.
        DigestError: git does not want to look at the repository; it says why.
    """
    done = _git(folder, "rev-parse", "--show-toplevel")
    if done.returncode == 0:
        return Path(os.fsdecode(done.stdout.removesuffix(b"\n"))).resolve()
    answer = done.stderr.decode(errors="replace")
    if "dubious ownership" in answer:
        raise DigestError(
            "the git repository belongs to somebody else, and git does not open it",
            where=str(folder),
            todo="if you trust it, do what git says: " + answer.partition("\n\n")[2].strip(),
        )
    return None


def find(folder: Path, name: str) -> Revision:
    """A commit by any name that git knows: a branch, a tag, a hash, ``HEAD~3``.

    Raises:
        DigestError: there is no such commit.
        MissingRequirementError: git is not installed.
    """
    top = repository(folder)
    if top is None:
        raise DigestError(
            "this folder is in no git repository, so there is nothing to compare it with",
            where=str(folder),
            todo="keep the publication in git: “git init”, “git add .”, “git commit”",
        )
    done = None
    # A name that begins with “-” would be an option, and one with a line break two names.
    if name and not name.startswith("-") and name.isprintable():
        done = _git(top, "rev-parse", "--verify", "--quiet", f"{name}^{{commit}}")
    if done is None or done.returncode:
        raise DigestError(
            f"git does not know the revision “{name}”",
            where=str(top),
            expected="a branch, a tag, a commit, or something like HEAD~1",
            todo="“git log --oneline” lists commits",
        )
    hash_ = done.stdout.decode("ascii").strip()
    commit = _git(top, "cat-file", "commit", hash_).stdout.decode(errors="replace")
    return Revision(repository=top, name=name, id=hash_, subject=commit.partition("\n\n")[2].partition("\n")[0][:200])


def extract(revision: Revision, places: Sequence[str], target: Path) -> list[str]:
    """Writes the files of a revision into an empty folder, by their names in the repository.

    Args:
        revision: the commit.
        places: files and folders, named from the top of the repository; those that are not there are left out.
        target: the folder.

    Returns:
        What was left out, and why, each in a sentence.

    Raises:
        DigestError: the files are larger than a publication's can be.
        LimitError: git took too long.
    """
    listed = _git(revision.repository, "ls-tree", "-r", "-z", "-l", "--full-tree", revision.id, "--", *places)
    if listed.returncode:
        raise _failed(listed, revision)
    entries = list(_entries(listed.stdout))
    if sum(size for _, _, size, _ in entries) > LARGEST:
        raise DigestError(
            f"the files of {revision} that make pages are larger than {LARGEST // 2**20} MiB together",
            where=", ".join(places),
        )
    left: list[str] = []
    kept = []
    for mode, hash_, _, name in entries:
        if mode in {"100644", "100755", "100664", "120000"} and _inside(name):
            kept.append((mode, hash_, name))
        else:
            left.append(f"{name} is neither a file nor a link inside of its repository")
    contents = _blobs(revision, [hash_ for _, hash_, _ in kept])
    links: list[tuple[str, str]] = []
    for (mode, _, name), content in zip(kept, contents, strict=True):
        if mode == "120000":
            links.append((name, os.fsdecode(content)))
            continue
        if content.startswith(_LFS):
            left.append(f"{name} is kept by git-lfs, and git has only its name in {revision}")
            continue
        path = target / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    # Links after files: no file is written through one. Where they lead is looked at when they are used.
    for name, to in links:
        path = target / name
        if _inside(os.path.normpath(f"{PurePosixPath(name).parent}/{to}")) and not Path(to).is_absolute():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.symlink_to(to)
        else:
            left.append(f"{name} is a link that leads out of the repository")
    return left


def _inside(name: str) -> bool:
    path = PurePosixPath(name)
    return "\0" not in name and not path.is_absolute() and ".." not in path.parts and ".git" not in path.parts


def _entries(listed: bytes) -> Iterator[tuple[str, str, int, str]]:
    """Mode, hash, size and name of each."""
    for line in listed.split(b"\0"):
        head, tab, name = line.partition(b"\t")
        if tab:
            mode, _, hash_, size = head.decode("ascii").split()
            yield mode, hash_, int(size) if size.isdecimal() else 0, os.fsdecode(name)


def _blobs(revision: Revision, hashes: Sequence[str]) -> Iterator[bytes]:
    asked = "".join(f"{hash_}\n" for hash_ in hashes).encode("ascii")
    done = _git(revision.repository, "cat-file", "--batch", given=asked)
    at = 0
    for hash_ in hashes:
        end = done.stdout.find(b"\n", at)
        head = done.stdout[at:end].split() if end >= 0 else []
        if len(head) != 3 or head[1] != b"blob":
            raise _failed(done, revision, hash_)
        size = int(head[2])
        yield done.stdout[end + 1 : end + 1 + size]
        at = end + 1 + size + 1


def _failed(done: subprocess.CompletedProcess[bytes], revision: Revision, hash_: str = "") -> DigestError:
    answer = " ".join(done.stderr.decode(errors="replace").split())
    return DigestError(
        f"git cannot read {revision}: {answer or f'the object {hash_} is missing'}",
        where=str(revision.repository),
        todo="a clone that lacks files gets them with “git fetch --refetch” or “git fetch --unshallow”",
    )


def _git(folder: Path, *arguments: str, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    environment = {name: value for name, value in os.environ.items() if name not in _OF_A_HOOK}
    environment |= {
        "LC_ALL": "C",
        "GIT_LITERAL_PATHSPECS": "1",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_ALLOW_PROTOCOL": "none",  # a clone that lacks objects would fetch them, with programs that it names itself
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_NO_REPLACE_OBJECTS": "1",
        "GIT_OPTIONAL_LOCKS": "0",
    }
    command = ["git", "--no-pager", "-c", "core.fsmonitor=", "-c", "core.hooksPath=/dev/null", "-C", str(folder)]
    try:
        return subprocess.run(
            [*command, *arguments], input=given, capture_output=True, check=False, timeout=SECONDS, env=environment
        )
    except FileNotFoundError as error:
        raise MissingRequirementError("git is not installed", todo="install it with: apt-get install git") from error
    except subprocess.TimeoutExpired as error:
        raise LimitError(f"git took longer than {SECONDS} seconds and was stopped", where=str(folder)) from error
