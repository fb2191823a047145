"""Background documents of the example city, written when they are needed: no file lies in the repository."""

import io

import docx

from base import file_kinds
from base.file_kinds import Attachment
from web.city.data import CityData, InterviewData


def background(data: CityData, one: InterviewData) -> Attachment:
    """What the leading body hands out before an interview: its theme, what it is about, who comes. A Word file."""
    lead = data.bodies[one.respondents[0]]
    paper = docx.Document()
    paper.core_properties.author = lead.name
    paper.core_properties.title = one.theme
    paper.add_heading(one.theme, level=1)
    paper.add_paragraph(f"{lead.name}编，供网上访谈参考")
    for text in one.content.split("\n"):
        paper.add_paragraph(text.strip())
    paper.add_heading("参加的人", level=2)
    for guest in one.guests:
        paper.add_paragraph(f"{guest.name}，{data.bodies[guest.body].name}{guest.post}", style="List Bullet")
    out = io.BytesIO()
    paper.save(out)
    return file_kinds.read(f"{one.theme}（背景）.docx", out.getvalue(), file_kinds.DOCUMENTS)
