# frozen_string_literal: true

require "date"
require_relative "values"

module Almanac
  # A day as the pages tell it: exactly while it is young, and by its month later on.
  module Ages
    RECENT_DAYS = 60

    module_function

    # date: {"iso", "words"} of Values. -> {"iso", "words", "recent"}, or nil of nil.
    def of(date, today)
      return unless date

      recent = (today - Date.iso8601(date["iso"][0, 10])).to_i <= RECENT_DAYS
      { "iso" => date["iso"], "recent" => recent, "words" => recent ? date["words"] : date["words"].sub(%r!\A\d+ !, "") }
    end
  end
end
