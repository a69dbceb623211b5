"""Judging a derivation that somebody wrote: which line is the first wrong one, and which rule leads to each."""

from matcalc.auditing.auditor import Auditor
from matcalc.auditing.document import Document, read_document
from matcalc.auditing.report import Audit, AuditedChain, AuditedLine

__all__ = ["Audit", "AuditedChain", "AuditedLine", "Auditor", "Document", "read_document"]
