"""Shows one chapter of the guide: Markdown in the colours of the theme, pictures no wider than the room."""

from __future__ import annotations

from string import Template

from markdown_it import MarkdownIt
from PySide6.QtCore import Qt, QTimer, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QImage, QResizeEvent, QShowEvent, QTextDocument
from PySide6.QtWidgets import QTextBrowser

from desktop_app.core.paths import resource
from desktop_app.gui.theme import Theme
from desktop_app.services.guide import DEEPEST, Chapter

_MARGIN = 24
_PICTURE = int(QTextDocument.ResourceType.ImageResource.value)


class GuideView(QTextBrowser):
    """`wanted(chapter, anchor)` when a link to another place of the guide was followed."""

    wanted = Signal(str, str)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._chapter: Chapter | None = None
        self._place: str | None = None
        self._wide = 0
        self._current = False
        self._pictures: dict[tuple[str, int], QImage] = {}
        self.setProperty("role", "guide")
        self.setOpenLinks(False)
        self.setTabChangesFocus(False)  # Tab goes from link to link
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)  # the room stays the same
        self.document().setDocumentMargin(_MARGIN)
        self.anchorClicked.connect(self._follow)
        theme.changed.connect(self._render_later)

    def show_chapter(self, chapter: Chapter, place: str = "") -> None:
        """`place` is the anchor of a heading; without one, the beginning. Rendered once it is seen."""
        if chapter is not self._chapter:
            self._chapter = chapter
            self.setAccessibleName(chapter.title)
            self._current = False
        self._place = chapter.place(place) if place else ""
        if self.isVisible():
            self._catch_up()

    def loadResource(self, kind: int, name: QUrl | str) -> object:
        """Pictures of the guide only: nothing is fetched from anywhere."""
        if kind != _PICTURE or self._chapter is None:
            return None
        path = (self._chapter.folder / QUrl(name).path()).resolve()
        if path.parent != resource("guide/images").resolve():
            return None
        dark = path.with_name(path.name.replace("-light.", "-dark.")) if self._theme.is_dark else path
        return self._picture(str(dark if dark.is_file() else path))

    def _picture(self, path: str) -> QImage:
        """As wide as the room at the most; those of this width are kept."""
        ratio = self.devicePixelRatioF()
        wide = round(self._room() * ratio)
        if (path, wide) not in self._pictures:
            if any(kept != wide for _path, kept in self._pictures):
                self._pictures.clear()
            picture = QImage(path)
            if not picture.isNull() and wide > 0:
                smooth = Qt.TransformationMode.SmoothTransformation
                picture = picture.scaledToWidth(min(picture.width(), wide), smooth)
                picture.setDevicePixelRatio(ratio)
            self._pictures[path, wide] = picture
        return self._pictures[path, wide]

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._chapter is not None and "![" in self._chapter.text and self._room() != self._wide:
            self._render_later()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if not self._current:
            self._render_later()

    def _render_later(self) -> None:
        """In a turn of its own, once it is seen."""
        self._current = False
        if self.isVisible():
            QTimer.singleShot(0, self, self._catch_up)

    def _room(self) -> int:
        return self.viewport().width() - 2 * _MARGIN

    def _catch_up(self) -> None:
        """Show what was asked for; if only looks have changed, stay at the same place."""
        if not self._current:
            kept = self.verticalScrollBar().value()
            self._render()
            self.verticalScrollBar().setValue(kept)
        if self._place:
            self.scrollToAnchor(self._place)
        elif self._place is not None:
            self.verticalScrollBar().setValue(0)
        self._place = None

    def _render(self) -> None:
        self._current = True
        if self._chapter is None:
            return
        self._wide = self._room()
        style = Template(resource("themes/guide.css").read_text(encoding="utf-8"))
        self.document().setDefaultStyleSheet(style.substitute(self._theme.values()))
        self.setHtml(as_html(self._chapter))

    def _follow(self, link: QUrl) -> None:
        if link.scheme() in ("http", "https"):
            QDesktopServices.openUrl(link)
        elif link.path().endswith(".md") and "/" not in link.path():
            self.wanted.emit(link.path().removesuffix(".md"), link.fragment())
        elif not link.path() and self._chapter is not None:
            self.wanted.emit(self._chapter.key, link.fragment())


def as_html(chapter: Chapter) -> str:
    """CommonMark with tables as HTML, headings with their anchors. HTML in the text is shown, not obeyed."""
    parser = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = parser.parse(chapter.text)
    opened = [token for token in tokens if token.type == "heading_open" and int(token.tag[1:]) <= DEEPEST]
    for token, heading in zip(opened, chapter.headings, strict=True):
        token.attrSet("id", heading.anchor)
    return str(parser.renderer.render(tokens, parser.options, {}))
