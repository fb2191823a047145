"""What a document says of itself, as four kinds of site put it, and what nobody says."""

import pytest

from faq.document_head import Marked, day_of, propose


def proposed(text: str, title: str = "") -> dict[str, str]:
    return {
        name: value for name, value in propose(Marked(tuple(text.split("\n")), title)).cells.items() if value
    }


def test_a_table_of_labels_above_the_title() -> None:
    found = proposed(
        "| 无障碍浏览 | 打开适老化模式\nx\n索引号 7482-2/2020-001 发布机构 示例县投资促进局\n"
        "公开目录 工作计划 发布日期 2020-07-13\n文号 浏览量\n主题词\n示例县政务公开工作方案\n\n"
        "根据《意见》(国办发〔2019〕54号),制定本方案。\n一、要求\n示例县投资促进局\n2020年7月10日\n上一篇：别的\n"
    )
    assert found == {
        "index_no": "7482-2/2020-001",
        "title": "示例县政务公开工作方案",
        "issuer": "示例县投资促进局",
        "class": "规划计划",
        "published_on": "2020-07-13",
        "made_on": "2020-07-10",
        "body": "根据《意见》(国办发〔2019〕54号),制定本方案。\n一、要求\n示例县投资促进局\n2020年7月10日",
    }


def test_an_official_letter() -> None:
    found = proposed(
        "示例市水务局文件\n示水办〔2026〕8号\n关于进一步做好\n供水保障工作的通知\n各单位：\n请落实。\n"
        "二○二六年一月十二日\n主题词：供水 保障"
    )
    assert (found["issuer"], found["document_no"]) == ("示例市水务局", "示水办〔2026〕8号")
    assert (found["title"], found["made_on"]) == ("关于进一步做好供水保障工作的通知", "2026-01-12")
    assert (found["keywords"], found["body"][:8]) == ("供水 保障", "各单位：\n请落实")


def test_a_copy_in_a_library_of_samples() -> None:
    found = propose(
        Marked(
            tuple(
                (
                    "示例市供水意见\n时间:2019-05-13 05:17:56下载本文作者:会员上传\n简介:范文网小编整理了多篇。\n"
                    "第一篇:示例市供水意见\n示例市水务局\n示水办„2008‟38号\n示例市供水意见\n各处室:\n"
                    "落实•供水条例‣的要求。\n二○○八年八月二十一日\n第二篇:别处的意见\n二〇〇五年三月一日\n"
                    + "很长的话。" * 30
                    + "\n相关范文推荐\n别的范文"
                ).split("\n")
            )
        )
    )
    cells = found.cells
    assert (cells["title"], cells["issuer"]) == ("示例市供水意见", "示例市水务局")
    assert (cells["document_no"], cells["made_on"]) == ("示水办〔2008〕38号", "2008-08-21")
    assert cells["published_on"] == "2019-05-13"
    assert cells["body"].startswith("各处室:\n落实《供水条例》的要求。")
    assert "相关范文" not in cells["body"]
    assert len(found.remarks) == 2


def test_a_collection_without_a_title_takes_the_name_that_it_gives_itself() -> None:
    found = proposed(
        "时间:2022-07-25 01:24:34\n开篇:写作是创造。下面是小编精心整理的12篇供水工作计划,希望喜欢。\n本报告有七个部分。"
    )
    assert (found["title"], found["published_on"]) == ("供水工作计划", "2022-07-25")
    assert found["body"] == "本报告有七个部分。"


def test_labels_with_colons_and_what_is_in_force() -> None:
    found = proposed(
        "示例市关于供水的通知\n政策\n发布部门:示例市人民政府办公室\n发布时间:2011年04月06日\n有效性:失效\n各区：按时。"
    )
    assert (found["issuer"], found["published_on"]) == ("示例市人民政府办公室", "2011-04-06")
    assert (found["class"], found["in_force"], found["body"]) == ("政策法规", "失效", "各区：按时。")


def test_what_is_not_said_stays_empty() -> None:
    found = proposed("时间: 05-20 栏目:方案\n局政务公开实施方案\n120XX局方案\n为了公开。")
    assert set(found) == {"title", "body"}
    assert found["title"] == "局政务公开实施方案"
    assert proposed("这是一份没有题目的材料，第一句就是正文。")["body"].startswith("这是一份")
    assert "title" not in proposed("这是一份没有题目的材料，第一句就是正文。")


def test_a_title_from_markup_comes_first_and_is_not_repeated() -> None:
    found = proposed("关于供水的通知\n正文在这里。", title="关于供水的通知")
    assert (found["title"], found["body"]) == ("关于供水的通知", "正文在这里。")


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-01-05 10:19", "2026-01-05"),
        ("2026年1月5日", "2026-01-05"),
        ("二○一一年四月六日", "2011-04-06"),
        ("二〇二〇年十二月三十一日", "2020-12-31"),
        ("二O一一年五月八日", "2011-05-08"),
        ("05-20", ""),
        ("2026-02-31", ""),
        ("去年", ""),
    ],
)
def test_dates_as_they_are_written(text: str, day: str) -> None:
    assert day_of(text) == day


def test_a_line_of_a_megabyte_is_no_trap() -> None:
    for hostile in ("时间" * 300_000, "关于" + "的" * 600_000, "|" * 600_000, "《" * 600_000, "• " * 300_000):
        assert proposed(f"供水通知\n{hostile}")["title"] == "供水通知"
