"""The desk: the city's published catalogue, a search that understands Chinese, and the judgement to be silent.

One word, one thing: an *entry* is one piece of the 目录, a *phrasing* one way of asking for it, a *revision* what
somebody proposes it to say, an *ask* one question to the bot, a *miss* one that it could not answer, a *referral*
(转人工) one that was handed to the office.

Where to read what:

* **Finding**: ``terms`` (a sentence becomes terms), ``colloquial`` (as people speak), ``slips`` (of the pen),
  ``postings`` and ``index`` (which entries are nearest), ``phrasings`` (what the catalogue's own phrasings teach),
  ``lexicon`` (the city's words).
* **Judging**: ``evidence`` (what speaks for an entry), ``subjects`` (whether it is about what was asked about),
  ``judgement`` (answer, choices or silence), ``calibration`` (what scores are worth in this catalogue), ``engine`` (all
  of it as one), ``explanation`` (why, for the editor), ``rank``.
* **Talking**: ``desk`` (a question comes in), ``present`` (the catalogue as this process has it), ``doors`` (fixed
  sentences), ``record_questions`` and ``about_interviews`` (the live record), ``talks``, ``picks`` and ``follow_ups`` with
  ``aspects``, ``excerpts`` and ``answers`` (what is quoted), ``referrals``.
* **The catalogue**: ``models``, ``library`` (the shelf), ``classes``, ``numbering``, ``views``; how it changes: ``review``,
  ``review_steps``, ``revisions``, ``drafts``, ``reviewed``.
* **Files**: ``catalog_file`` reads one of any kind by ``table_file``, ``spreadsheet_file``, ``lines_file``,
  ``document_file`` with ``document_head``, and ``packed_file``; ``foreseen`` says what it would do; ``imports``,
  ``takings`` and ``own_numbers`` take it in.
* **Search and likeness**: ``records``, ``shelf``, ``holdings``, ``published`` and ``marking`` (everything published);
  ``askings``, ``grouping`` and ``near_entries`` (questions of one interview).
* **Learning**: ``asked``, ``clusters``, ``misses`` and ``topics``; ``candidates`` and ``sources`` (from answers given
  live); ``confirmed`` (phrasings).

Nothing here opens or commits a unit of work of its own, but for ``misses.refresh``, which is too long for one.
"""
