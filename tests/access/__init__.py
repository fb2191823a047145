"""Who gets in where, and what nobody may find: the two suites that guard every room from now on."""
