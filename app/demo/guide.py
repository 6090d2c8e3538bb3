"""The guide: addresses, and three things to try, as commands that work when they are pasted."""

from pathlib import Path

from app.demo.folder import OWNER_KEY, PEOPLE


def guide(folder: Path, base_url: str, owner_key: str) -> str:
    """What a newcomer reads once the demo is ready."""
    api = f"{base_url}/api/v1"
    survey = "survey=workshop"
    authorization = f'-H "Authorization: Bearer $(cat {folder / OWNER_KEY})"'
    return f"""
Assumed or made up, and marked so: the promises and targets; the days of the conference and workshop answers.
The scores are real: Copyright (c) The Carpentries, CC BY 4.0, see app/demo/carpentries/CREDITS.md.

  report      {base_url}/report    (sign in with the owner key)
  inbox       {base_url}/dev/inbox    (mails end here; none leaves this machine)
  API         {base_url}/docs
  owner key   {owner_key}

Three things to try, in another terminal, from this folder:

1. Import three contacts.

   curl -s {authorization} -H "Content-Type: text/csv" \\
     --data-binary @{folder / PEOPLE} {api}/contacts

2. See the score of the workshops, then ask the three by mail. Seconds later the mails are in the inbox:
   {base_url}/dev/inbox
   Open one, press a number, and answer.

   curl -s {authorization} "{api}/scores?{survey}"

   curl -s {authorization} -H "Content-Type: application/json" \\
     -d '{{"contacts": "all", "touchpoint": "after-workshop"}}' {api}/surveys/workshop/invitations

3. See the score move by your answer, in the figures and in the report.

   curl -s {authorization} "{api}/scores?{survey}"

   {base_url}/report?{survey}&period=year
"""
