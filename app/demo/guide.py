"""The guide: addresses, and six things to try, as commands that work when they are pasted."""

from pathlib import Path

from app.demo import staff, waves
from app.demo.folder import OWNER_KEY, PEOPLE


def guide(folder: Path, base_url: str, owner_key: str, results: str | None) -> str:
    """What a newcomer reads once the demo is ready; `results` is the token of the published page, if there is one."""
    authorization = f'-H "Authorization: Bearer $(cat {folder / OWNER_KEY})"'
    return f"""
Assumed or made up, and marked so: the promises and targets; the days of the conference and workshop answers; the
staff, and whatever they answer and write.
The customers' scores are real: Copyright (c) The Carpentries, CC BY 4.0, see app/demo/carpentries/CREDITS.md.

  report      {base_url}/report    (sign in with the owner key)
  inbox       {base_url}/dev/inbox    (mails end here; none leaves this machine)
  API         {base_url}/docs
  owner key   {owner_key}

Things to try, in another terminal, from this folder.
{_customers(folder, base_url, authorization)}{_staff(base_url, authorization, results) if results else ""}"""


def _customers(folder: Path, base_url: str, authorization: str) -> str:
    api = f"{base_url}/api/v1"
    survey = "survey=workshop"
    return f"""
CUSTOMERS (NPS)

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


def _staff(base_url: str, authorization: str, results: str) -> str:
    wave = f"{base_url}/api/v1/waves/{waves.OPEN}"
    return f"""
STAFF (eNPS), asked anonymously: {len(staff.people())} made-up people; two waves have closed, one is open

4. See what the closed waves released: by unit, small ones reported together; over the waves; in words.
   Then the page for the staff themselves, in their language and without signing in.

   {base_url}/report?survey={waves.SURVEY}

   {base_url}/r/{results}

5. Answer as one of them: whoever has not answered yet has a reminder in the inbox. The page behind it has a link to
   what is stored and who can see it. Until the wave closes, all that anybody is shown is how many had answered by
   yesterday, by groups of ten or more.

   {base_url}/dev/inbox

   curl -s {authorization} {wave}/participation

6. Close the wave, and see its result with your answer in it. Not even the service knows which one is yours now.

   curl -s {authorization} -X POST {wave}/closure

   {base_url}/report?survey={waves.SURVEY}
"""
