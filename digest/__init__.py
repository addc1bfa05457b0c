"""Meeting abstracts in, a dated highlights issue out; the names that other programs may use.

`docs/python.md` shows them by task. `import digest` loads nothing: a module is loaded when one of its names is used.
`digest.csl` is an independent processor of the Citation Style Language. What is not listed here may change at any time.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from digest import csl
    from digest.build import BuiltIssue
    from digest.cite.catalogue import ListedStyle, list_styles
    from digest.collect import Collection, Congress, SourcePlan, collect_sources, plan_sources
    from digest.convert import Bibliography, Conversion, cite_records, convert_records, show_style
    from digest.curate import AddedRecords, add_records, new_issue
    from digest.doctor import Finding, examine_machine
    from digest.errors import DigestError, LimitError, MissingRequirementError, Problem, ProjectError, TemplateError
    from digest.export import write_records
    from digest.files import write_files
    from digest.inputs import ReadRecords, read_records
    from digest.jobs import (
        ListedOutput,
        WrittenIssue,
        build_issue,
        check_issue,
        clean_store,
        list_outputs,
        render_issue,
    )
    from digest.library import Hit, Intake, Library, Merge, Removal, Removed, StoredRecord
    from digest.lookup import (
        LibraryCheck,
        SearchResult,
        SplitRecord,
        check_library,
        get_record,
        get_record_bytes,
        list_merges,
        list_removed,
        open_library,
        remove_records,
        restore_records,
        search_library,
        split_record,
    )
    from digest.model import AbstractPart, Ids, Meeting, Origin, PartialDate, Person, Record
    from digest.preview import preview_issue
    from digest.project import Issue, find_issue, find_publication, read_issue, read_publication
    from digest.publication import Publication
    from digest.refresh import Difference, Refresh, refresh_issue
    from digest.resources import copy_sample
    from digest.schema import get_schema, write_schemas
    from digest.sources.network.failures import FetchError
    from digest.sources.presets import ExpandedPreset, Preset, expand_preset, get_preset, list_presets
    from digest.spreadsheet import WorkbookExport, WorkbookImport, export_workbook, import_workbook
    from digest.status import Status, get_status
    from digest.store import Cleaned
    from digest.text import RichText
    from digest.themes import (
        EjectedFile,
        ListedTheme,
        ThemeDescription,
        ThemeReview,
        check_theme,
        describe_context,
        describe_theme,
        eject_file,
        list_themes,
        review_theme,
    )

__all__ = [
    "AbstractPart",
    "AddedRecords",
    "Bibliography",
    "BuiltIssue",
    "Cleaned",
    "Collection",
    "Congress",
    "Conversion",
    "Difference",
    "DigestError",
    "EjectedFile",
    "ExpandedPreset",
    "FetchError",
    "Finding",
    "Hit",
    "Ids",
    "Intake",
    "Issue",
    "Library",
    "LibraryCheck",
    "LimitError",
    "ListedOutput",
    "ListedStyle",
    "ListedTheme",
    "Meeting",
    "Merge",
    "MissingRequirementError",
    "Origin",
    "PartialDate",
    "Person",
    "Preset",
    "Problem",
    "ProjectError",
    "Publication",
    "ReadRecords",
    "Record",
    "Refresh",
    "Removal",
    "Removed",
    "RichText",
    "SearchResult",
    "SourcePlan",
    "SplitRecord",
    "Status",
    "StoredRecord",
    "TemplateError",
    "ThemeDescription",
    "ThemeReview",
    "WorkbookExport",
    "WorkbookImport",
    "WrittenIssue",
    "add_records",
    "build_issue",
    "check_issue",
    "check_library",
    "check_theme",
    "cite_records",
    "clean_store",
    "collect_sources",
    "convert_records",
    "copy_sample",
    "csl",
    "describe_context",
    "describe_theme",
    "eject_file",
    "examine_machine",
    "expand_preset",
    "export_workbook",
    "find_issue",
    "find_publication",
    "get_preset",
    "get_record",
    "get_record_bytes",
    "get_schema",
    "get_status",
    "import_workbook",
    "list_merges",
    "list_outputs",
    "list_presets",
    "list_removed",
    "list_styles",
    "list_themes",
    "new_issue",
    "open_library",
    "plan_sources",
    "preview_issue",
    "read_issue",
    "read_publication",
    "read_records",
    "refresh_issue",
    "remove_records",
    "render_issue",
    "restore_records",
    "review_theme",
    "search_library",
    "show_style",
    "split_record",
    "write_files",
    "write_records",
    "write_schemas",
]

# The module of each name.
_MODULES = {
    # Records
    "ReadRecords": "digest.inputs",
    "read_records": "digest.inputs",
    "write_records": "digest.export",
    "Conversion": "digest.convert",
    "convert_records": "digest.convert",
    "AbstractPart": "digest.model",
    "Ids": "digest.model",
    "Meeting": "digest.model",
    "Origin": "digest.model",
    "PartialDate": "digest.model",
    "Person": "digest.model",
    "Record": "digest.model",
    "RichText": "digest.text",
    # Citations
    "Bibliography": "digest.convert",
    "cite_records": "digest.convert",
    "show_style": "digest.convert",
    "ListedStyle": "digest.cite.catalogue",
    "list_styles": "digest.cite.catalogue",
    "csl": "digest.csl",
    # The library
    "Collection": "digest.collect",
    "Congress": "digest.collect",
    "SourcePlan": "digest.collect",
    "collect_sources": "digest.collect",
    "plan_sources": "digest.collect",
    "Preset": "digest.sources.presets",
    "ExpandedPreset": "digest.sources.presets",
    "list_presets": "digest.sources.presets",
    "get_preset": "digest.sources.presets",
    "expand_preset": "digest.sources.presets",
    "LibraryCheck": "digest.lookup",
    "SearchResult": "digest.lookup",
    "SplitRecord": "digest.lookup",
    "check_library": "digest.lookup",
    "get_record": "digest.lookup",
    "get_record_bytes": "digest.lookup",
    "list_merges": "digest.lookup",
    "list_removed": "digest.lookup",
    "remove_records": "digest.lookup",
    "restore_records": "digest.lookup",
    "open_library": "digest.lookup",
    "search_library": "digest.lookup",
    "split_record": "digest.lookup",
    "Hit": "digest.library",
    "Intake": "digest.library",
    "Library": "digest.library",
    "Merge": "digest.library",
    "Removal": "digest.library",
    "Removed": "digest.library",
    "StoredRecord": "digest.library",
    "Status": "digest.status",
    "get_status": "digest.status",
    # Issues
    "copy_sample": "digest.resources",
    "AddedRecords": "digest.curate",
    "add_records": "digest.curate",
    "new_issue": "digest.curate",
    "Difference": "digest.refresh",
    "Refresh": "digest.refresh",
    "refresh_issue": "digest.refresh",
    "WorkbookExport": "digest.spreadsheet",
    "WorkbookImport": "digest.spreadsheet",
    "export_workbook": "digest.spreadsheet",
    "import_workbook": "digest.spreadsheet",
    "Issue": "digest.project",
    "find_issue": "digest.project",
    "find_publication": "digest.project",
    "read_issue": "digest.project",
    "read_publication": "digest.project",
    "Publication": "digest.publication",
    "BuiltIssue": "digest.build",
    "WrittenIssue": "digest.jobs",
    "build_issue": "digest.jobs",
    "check_issue": "digest.jobs",
    "render_issue": "digest.jobs",
    "write_files": "digest.files",
    "preview_issue": "digest.preview",
    # Themes
    "EjectedFile": "digest.themes",
    "ListedTheme": "digest.themes",
    "ThemeDescription": "digest.themes",
    "ThemeReview": "digest.themes",
    "check_theme": "digest.themes",
    "describe_context": "digest.themes",
    "describe_theme": "digest.themes",
    "eject_file": "digest.themes",
    "list_themes": "digest.themes",
    "review_theme": "digest.themes",
    # The program
    "get_schema": "digest.schema",
    "write_schemas": "digest.schema",
    "Cleaned": "digest.store",
    "clean_store": "digest.jobs",
    "list_outputs": "digest.jobs",
    "ListedOutput": "digest.jobs",
    "Finding": "digest.doctor",
    "examine_machine": "digest.doctor",
    "DigestError": "digest.errors",
    "LimitError": "digest.errors",
    "MissingRequirementError": "digest.errors",
    "Problem": "digest.errors",
    "ProjectError": "digest.errors",
    "TemplateError": "digest.errors",
    "FetchError": "digest.sources.network.failures",
}


if not TYPE_CHECKING:  # to a type checker a misspelt name is a mistake

    def __getattr__(name: str) -> object:
        """The public name, whose module is loaded now."""
        if name not in _MODULES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}", name=name, obj=sys.modules[__name__])
        module = import_module(_MODULES[name])
        value = module if name == "csl" else getattr(module, name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    """The public names, loaded or not."""
    return sorted({*globals(), *__all__})
