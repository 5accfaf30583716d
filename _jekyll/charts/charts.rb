# frozen_string_literal: true

require "cgi"
require "date"
require_relative "../read/values"

module Almanac
  # Charts as inline SVG. Bars and columns are measured in per cent and texts are not, so that a chart is as wide
  # as its place and its words stay readable on a phone; a curve is stretched in a picture of its own. Pure
  # functions of text and numbers; texts are escaped here. Colours come from assets/css/_components/chart.css.
  module Charts
    ROW = 36
    HEIGHT = 200
    HEAD = 22
    FOOT = 24
    ACROSS = 1000
    LONGEST = 36

    module_function

    # rows: [[text, value], ...] -> a bar for each, its text above it.
    def bars(rows, label:)
      most = [rows.map(&:last).max.to_i, 1].max
      drawn = rows.each_with_index.map do |(text, value), index|
        top = index * ROW
        %(<text x="0" y="#{top + 14}">#{escape(short(text))}</text>) +
          %(<text class="chart-figure" x="100%" y="#{top + 14}" text-anchor="end">#{Values.number(value)}</text>) +
          %(<rect class="chart-track" x="0" y="#{top + 20}" width="100%" height="8" rx="4"/>) +
          (value.positive? ? %(<rect class="chart-bar" x="0" y="#{top + 20}" width="#{percent(value, most)}%" height="8" rx="4"/>) : "")
      end
      svg(rows.size * ROW, label, drawn.join)
    end

    # rows: [[short text, value], ...] -> a column for each, in their order.
    def columns(rows, label:)
      most = [rows.map(&:last).max.to_i, 1].max
      slot = 100.0 / [rows.size, 1].max
      ground = HEIGHT - FOOT
      drawn = rows.each_with_index.map do |(text, value), index|
        height = ((ground - HEAD) * value.fdiv(most)).round
        middle = place((index + 0.5) * slot)
        bar = %(<rect class="chart-bar" x="#{place((index + 0.14) * slot)}%" y="#{ground - height}" ) +
          %(width="#{place(slot * 0.72)}%" height="#{height}" rx="2"/>)
        (height.positive? ? bar : "") +
          %(<text class="chart-figure" x="#{middle}%" y="#{ground - height - 6}" text-anchor="middle">#{compact(value)}</text>) +
          %(<text class="chart-foot#{" chart-odd" if index.odd?}" x="#{middle}%" y="#{HEIGHT - 6}" text-anchor="middle">#{escape(text)}</text>)
      end
      svg(HEIGHT, label, drawn.join + ground_line(ground))
    end

    # points: [[Date, value or nil], ...] by day -> a curve from zero; nil is a gap in it. `top`: the scale's end.
    def curve(points, label:, unit: "", top: nil, &told)
      top ||= scale(points.filter_map(&:last).max.to_i)
      ground = HEIGHT - FOOT
      grid = [0, top / 2, top].map { |value| grid_line(value, ground - (ground - HEAD) * value / top, unit) }
      svg(HEIGHT, label, grid.join + picture(points, top, ground) + feet(points, told) + mark(points, top, ground, unit))
    end

    # 1, 2, 4, 6, 8 or 10 times a power of ten: even, so that its half is whole.
    def scale(value)
      return 2 if value <= 2

      power = 10**((value - 1).to_s.length - 1)
      [2, 4, 6, 8, 10].map { |step| step * power }.find { |round| round >= value }
    end

    def picture(points, top, ground)
      lines = runs(points, top, ground)
      area = lines.map { |line| "M#{line.map { |x, y| "#{x} #{y}" }.join("L")}V#{ground}H#{line.first.first}z" }
      path = lines.map { |line| "M#{line.map { |x, y| "#{x} #{y}" }.join("L")}#{"h0" if line.size == 1}" }
      %(<svg viewBox="0 0 #{ACROSS} #{HEIGHT}" preserveAspectRatio="none" width="100%" height="#{HEIGHT}">) +
        %(<path class="chart-area" d="#{area.join}"/><path class="chart-line" d="#{path.join}"/></svg>)
    end

    # The curve's unbroken parts, as places in the picture.
    def runs(points, top, ground)
      first, last = points.first.first, points.last.first
      days = [(last - first).to_i, 1].max
      points.slice_when { |one, other| one.last.nil? != other.last.nil? }.reject { |run| run.first.last.nil? }.map do |run|
        run.map { |day, value| [((day - first).to_i * ACROSS / days), (ground - (ground - HEAD) * value.fdiv(top)).round(1)] }
      end
    end

    def grid_line(value, height, unit)
      %(<line class="chart-grid" x1="0" x2="100%" y1="#{height}" y2="#{height}"/>) +
        (value.zero? ? "" : %(<text class="chart-foot" x="0" y="#{height - 5}">#{compact(value)}#{unit}</text>))
    end

    def ground_line(height)
      %(<line class="chart-grid" x1="0" x2="100%" y1="#{height}" y2="#{height}"/>)
    end

    def feet(points, told)
      [[points.first, "0", "start"], [points.last, "100%", "end"]].map do |(day, _), x, anchor|
        %(<text class="chart-foot" x="#{x}" y="#{HEIGHT - 6}" text-anchor="#{anchor}">#{escape(told.call(day))}</text>)
      end.join
    end

    # The last known value, in figures.
    def mark(points, top, ground, unit)
      day, value = points.reverse.find(&:last)
      return "" unless day

      days = [(points.last.first - points.first.first).to_i, 1].max
      x = percent((day - points.first.first).to_i, days)
      y = (ground - (ground - HEAD) * value.fdiv(top)).round(1)
      %(<text class="chart-figure" x="#{x}%" y="#{[y - 8, 12].max}" text-anchor="#{x < 20 ? "start" : "end"}">#{Values.number(value)}#{unit}</text>)
    end

    def svg(height, label, inside)
      %(<svg class="chart" width="100%" height="#{height}" role="img" aria-label="#{escape(label)}">#{inside}</svg>)
    end

    # A trace of a bar for what is little, but not nothing.
    def percent(value, most)
      place([value * 100.0 / most, value.positive? ? 0.5 : 0].max)
    end

    def place(share)
      rounded = share.round(2)
      rounded == rounded.to_i ? rounded.to_i : rounded
    end

    # 12345 as 12k, for narrow places.
    def compact(value)
      return value.to_s if value < 1000

      size, name = [[10**9, "G"], [10**6, "M"], [1000, "k"]].find { |least, _| value >= least }
      "#{value < size * 10 ? place((value.to_f / size).floor(1)) : value / size}#{name}"
    end

    def short(text)
      text.length > LONGEST ? "#{text[0, LONGEST - 1]}…" : text
    end

    def escape(text)
      CGI.escapeHTML(text)
    end
  end
end
