# frozen_string_literal: true

require "date"
require "erb"
require_relative "../read/values"

module Almanac
  # A small line of figures over time, as inline SVG that says in words what it shows, and its ends in figures.
  module Sparkline
    WIDTH = 480
    HEIGHT = 96
    EDGE = 6

    module_function

    # points: [[days after `since`, value], ...], by day. Days without a figure are as wide as any other.
    # Return nil for fewer than two points: one is no history.
    def svg(points, since:, label:)
      return if points.size < 2

      line = path(points)
      %(<svg class="sparkline" viewBox="0 0 #{WIDTH} #{HEIGHT}" role="img" ) +
        %(aria-label="#{ERB::Util.html_escape(words(points, since, label))}">) +
        %(<path class="sparkline-area" d="#{line}V#{HEIGHT}H#{EDGE}z"/><path class="sparkline-line" d="#{line}"/></svg>) +
        %(<p class="sparkline-ends" aria-hidden="true">#{ends(points, since)}</p>)
    end

    # "Stars from 120 on 23 August 2026 to 131 on 20 November 2026; lowest 118, highest 140"
    def words(points, since, label)
      first, last = [points.first, points.last].map { |day, value| "#{Values.number(value)} on #{day(since, day)}" }
      low, high = points.map(&:last).minmax
      "#{label} from #{first} to #{last}; lowest #{Values.number(low)}, highest #{Values.number(high)}"
    end

    # What is read beside the drawing; the words of the drawing say the same.
    def ends(points, since)
      [points.first, points.last].map { |day, value| "<span>#{day(since, day)}: #{Values.number(value)}</span>" }.join
    end

    # A line that never changes lies in the middle. In whole steps, each from the last point: half the bytes.
    def path(points)
      low, high = points.map(&:last).minmax
      across = (WIDTH - 2 * EDGE).fdiv(points.last.first - points.first.first)
      up = (HEIGHT - 2 * EDGE).fdiv([high - low, 1].max)
      base = high == low ? HEIGHT / 2 : HEIGHT - EDGE
      places = points.map do |day, value|
        [((day - points.first.first) * across).round + EDGE, (base - (value - low) * up).round]
      end
      steps = places.each_cons(2).map { |(x, y), (to, down)| "#{to - x} #{down - y}" }
      "M#{places.first.join(" ")}l#{steps.join(" ")}"
    end

    def day(since, days)
      Values.day_words(Date.iso8601(since) + days)
    end
  end
end
