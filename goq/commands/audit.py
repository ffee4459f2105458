"""`goq audit`."""

import json
from collections import defaultdict
from pathlib import Path

import click
from msgspec.structs import asdict

from goq.adapters.config import load_config
from goq.adapters.files.output_audit import check_outputs
from goq.adapters.store.audit import Proof, Return, Violation, prove
from goq.commands.strays import show_stray

SHOWN_EACH_LAW = 20


@click.command("audit")
@click.option("--json", "as_json", is_flag=True, help="Print all of it as one JSON object.")
@click.option("--no-outputs", is_flag=True, help="Leave out the output files.")
def command(*, as_json: bool, no_outputs: bool) -> int:
    """Prove from the journal that no job was lost and none done twice; exit 0 only if so.

    Reads the journal (GOQ_JOURNAL, else this folder's, else that of the server that GOQ_HOME
    remembers) and the outputs (GOQ_ODIR); the server may run meanwhile. No number is given twice,
    no attempt is given twice, and epochs never go back. Every submission has its jobs; every job is live or has one final state; no two attempts of a job
    overlap; the last attempt gave the result; every finished job's output is in its file, with
    its recorded length and SHA-256. What is not so is printed with the job's number.

    \b
    Examples:
      goq audit
      goq audit --no-outputs          after output files were taken away
      GOQ_JOURNAL=/srv/q/.goq GOQ_ODIR=/srv/q/o goq audit --json
    """
    config = load_config(reading=True)
    proof = prove(config.journal_folder)
    checked = [] if no_outputs else proof.outputs
    violations = proof.violations + check_outputs(config.output_folder, checked)
    counts = proof.counts | {"checked outputs": len(checked), "violations": len(violations)}
    report = Proof(counts, violations, [], proof.strays, proof.returns)
    click.echo(_as_json(report) if as_json else _as_text(report, config.output_folder))
    return 1 if violations else 0


def _as_json(report: Proof) -> str:
    violations = [asdict(violation) for violation in report.violations]
    strays = [asdict(stray) for stray in report.strays]
    shown = {"holds": not violations, "counts": report.counts, "violations": violations, "strays": strays}
    shown["returns"] = [asdict(each) for each in report.returns]
    return json.dumps(shown, indent=1)


def _show_return(gone_on: Return) -> str:
    return (
        f"old journal: {gone_on.why}; it went on in epoch {gone_on.epoch}, numbers below {gone_on.first} may have"
        " been given twice, and jobs may have run twice, which no journal can show"
    )


def _as_text(report: Proof, outputs: Path) -> str:
    lines = [f"{count:>10} {name}" for name, count in report.counts.items()]
    lines += [_show_return(each) for each in report.returns if each.why]
    lines += [show_stray(stray, outputs) for stray in report.strays]
    broken: defaultdict[str, list[Violation]] = defaultdict(list)
    for violation in report.violations:
        broken[violation.law].append(violation)
    for law, violations in broken.items():
        lines += [f"{law}: job {each.job} {each.how}" for each in violations[:SHOWN_EACH_LAW]]
        if len(violations) > SHOWN_EACH_LAW:
            lines.append(f"{law}: and {len(violations) - SHOWN_EACH_LAW} more")
    lines.append("the journal does not hold" if report.violations else "the journal holds")
    return "\n".join(lines)
