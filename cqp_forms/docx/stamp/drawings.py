"""The edition's drawings: the draft's watermark, the mentions on the cover and in the margins."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lxml import etree

from cqp_forms.docx import wml
from cqp_forms.docx.wml import PREFIXES

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

#: Twentieths of a point in a millimetre.
_TWIPS = 56.7
#: How far from the page's edges the mention in the margin ends, in points.
_UPPER_END, _LOWER_END = 57, 57
_NAMESPACES = " ".join(f'xmlns:{prefix}="{uri}"' for prefix, uri in PREFIXES.items())

DRAFT = "BROUILLON"


def _fragment(xml: str, namespace: str) -> Element:
    names = _NAMESPACES.replace(wml.W + '"', namespace + '"')
    holder = etree.fromstring(f"<holder {names}>{xml}</holder>")
    (made,) = holder
    holder.remove(made)
    etree.cleanup_namespaces(made)
    return made


def watermark(rank: int, namespace: str) -> Element:
    """A run with « BROUILLON » across the page, as Word's own watermarks (VML WordArt)."""
    return _fragment(
        "<w:r><w:rPr><w:noProof/></w:rPr><w:pict>"
        '<v:shapetype id="_x0000_t136" coordsize="21600,21600" o:spt="136" adj="10800" '
        'path="m@7,l@8,m@5,21600l@6,21600e"><v:formulas>'
        '<v:f eqn="sum #0 0 10800"/><v:f eqn="prod #0 2 1"/><v:f eqn="sum 21600 0 @1"/>'
        '<v:f eqn="sum 0 0 @2"/><v:f eqn="sum 21600 0 @3"/><v:f eqn="if @0 @3 0"/>'
        '<v:f eqn="if @0 21600 @1"/><v:f eqn="if @0 0 @2"/><v:f eqn="if @0 @4 21600"/>'
        '<v:f eqn="mid @5 @6"/><v:f eqn="mid @8 @5"/><v:f eqn="mid @7 @8"/>'
        '<v:f eqn="mid @6 @7"/><v:f eqn="sum @6 0 @5"/></v:formulas>'
        '<v:path textpathok="t" o:connecttype="custom" '
        'o:connectlocs="@9,0;@10,10800;@11,21600;@12,10800" o:connectangles="270,180,90,0"/>'
        '<v:textpath on="t" fitshape="t"/>'
        '<v:handles><v:h position="#0,bottomRight" xrange="6629,14971"/></v:handles>'
        '<o:lock v:ext="edit" text="t" shapetype="t"/></v:shapetype>'
        f'<v:shape id="PowerPlusWaterMarkObject{rank}" o:spid="_x0000_s{2048 + rank}" '
        'type="#_x0000_t136" style="position:absolute;margin-left:0;margin-top:0;width:500pt;'
        "height:110pt;rotation:315;z-index:-251658752;mso-position-horizontal:center;"
        "mso-position-horizontal-relative:margin;mso-position-vertical:center;"
        'mso-position-vertical-relative:margin" o:allowincell="f" fillcolor="#d0d0d0" '
        'stroked="f"><v:fill opacity=".5"/>'
        '<v:textpath style="font-family:&quot;Calibri&quot;;font-size:1pt;font-weight:bold" '
        f'string="{DRAFT}"/><w10:wrap anchorx="margin" anchory="margin"/></v:shape>'
        "</w:pict></w:r>",
        namespace,
    )


def margin_note(rank: int, namespace: str, height: int) -> tuple[Element, Element]:
    """A run with a mention that climbs the left margin, and the run inside that takes its text.

    Args:
        height: the page's height, in twentieths of a point.
    """
    long = height / 20 - _LOWER_END - _UPPER_END
    made = _fragment(
        "<w:r><w:rPr><w:noProof/></w:rPr><w:pict>"
        '<v:shapetype id="_x0000_t202" coordsize="21600,21600" o:spt="202" '
        'path="m,l,21600r21600,l21600,xe"><v:stroke joinstyle="miter"/>'
        '<v:path gradientshapeok="t" o:connecttype="rect"/></v:shapetype>'
        f'<v:shape id="Mention{rank}" o:spid="_x0000_s{3072 + rank}" type="#_x0000_t202" '
        f'style="position:absolute;margin-left:20pt;margin-top:{_UPPER_END}pt;width:17pt;'
        f"height:{long:.0f}pt;z-index:{251660288 + rank};mso-position-horizontal-relative:page;"
        'mso-position-vertical-relative:page" o:allowincell="f" filled="f" stroked="f">'
        '<v:textbox style="layout-flow:vertical;mso-layout-flow-alt:bottom-to-top" '
        'inset="0,0,0,0"><w:txbxContent><w:p><w:pPr>'
        '<w:spacing w:before="0" w:after="0" w:line="240" w:lineRule="auto"/><w:jc w:val="left"/>'
        '</w:pPr><w:r><w:rPr><w:color w:val="595959"/><w:sz w:val="14"/><w:szCs w:val="14"/>'
        "</w:rPr></w:r></w:p></w:txbxContent></v:textbox></v:shape></w:pict></w:r>",
        namespace,
    )
    content = next(wml.all_words(made, "txbxContent"))
    return made, next(wml.all_words(content, "r"))


def cover_note(namespace: str, width: int, left: int) -> tuple[Element, Element]:
    """A framed mention at the top of the first page, and the run that takes its text.

    Args:
        width: the text's width; ``left``: the left margin; in twentieths of a point.
    """
    made = _fragment(
        f'<w:sdt><w:sdtPr><w:tag w:val="{wml.OWN_TAG}mention"/></w:sdtPr><w:sdtContent><w:p><w:pPr>'
        f'<w:framePr w:w="{width}" w:hSpace="0" w:wrap="around" w:vAnchor="page" '
        f'w:hAnchor="page" w:x="{left}" w:y="{int(22 * _TWIPS)}"/>'
        '<w:pBdr><w:top w:val="single" w:sz="8" w:space="4" w:color="C00000"/>'
        '<w:bottom w:val="single" w:sz="8" w:space="4" w:color="C00000"/></w:pBdr>'
        '<w:spacing w:before="0" w:after="0" w:line="240" w:lineRule="auto"/>'
        '<w:jc w:val="center"/></w:pPr><w:r><w:rPr><w:b/><w:bCs/><w:color w:val="C00000"/>'
        '<w:sz w:val="22"/><w:szCs w:val="22"/></w:rPr></w:r></w:p></w:sdtContent></w:sdt>',
        namespace,
    )
    return made, next(wml.all_words(made, "r"))
