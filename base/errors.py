"""A refusal is part of the product: one class, a code, and a Chinese sentence that says what to do next."""


class Refusal(Exception):
    """What was asked for is not done, and the asker is told why and what can be done instead.

    Args:
        code: stable name for programs, ``topic.cause``, such as ``question.too_long``.
        message: plain Chinese for people; says what to do next.
        status: the HTTP status that carries it.
        article: the article of the city's rule that forbids it, such as ``第十二条``.
        retry_after: seconds after which the same request may succeed.
    """

    def __init__(
        self,
        code: str,
        message: str,
        *,
        status: int = 409,
        article: str | None = None,
        retry_after: int | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status
        self.article = article
        self.retry_after = retry_after

    def body(self) -> dict[str, object]:
        """The ``error`` object of the contract, the same over HTTP and socket."""
        error: dict[str, object] = {"code": self.code, "message": self.message}
        if self.article is not None:
            error["article"] = self.article
        if self.retry_after is not None:
            error["retry_after"] = self.retry_after
        return error


def missing(what: str) -> Refusal:
    """The one answer to "not there" and "not yours": they look alike from outside.

    Args:
        what: the thing in Chinese, such as ``这场访谈``.
    """
    return Refusal("not_found", f"没有找到{what}。请核对编号，或者从首页重新进入。", status=404)


def forbidden() -> Refusal:
    """The caller's role has no such act at all, whatever it is aimed at."""
    return Refusal("forbidden", "您的账号不能办这件事。需要办理的，请联系信息化工作办公室。", status=403)
