# frozen_string_literal: true

require "date"
require_relative "../read/values"

module Almanac
  # A day as the pages tell it: exactly while it is young, and by its month later on.
  module Ages
    RECENT_DAYS = 60
    # Figures that are older are none of last week or month, and do not tell what has not happened since; as
    # scripts/registry/enrich/verdicts.py has it.
    NEWS_DAYS = 30

    module_function

    # date: {"iso", "words"} of Values. -> {"iso", "words", "recent", "news"}, or nil of nil.
    def of(date, today)
      return unless date

      days = (today - Date.iso8601(date["iso"][0, 10])).to_i
      recent = days <= RECENT_DAYS
      { "iso" => date["iso"], "recent" => recent, "news" => days <= NEWS_DAYS,
        "words" => recent ? date["words"] : month(date["words"]), }
    end

    # "July 2020" of "24 July 2020"
    def month(words)
      words.sub(%r!\A\d+ !, "")
    end
  end
end
