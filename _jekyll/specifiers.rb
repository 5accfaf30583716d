# frozen_string_literal: true

module Almanac
  # Version ranges as registrations write them (`>=3.7,<4`, `1.4.0`), as far as plain releases go.
  module Specifiers
    CLAUSE = %r{\A\s*(~=|===?|!=|<=?|>=?)?\s*v?(\d{1,6}(?:\.\d{1,6}){0,4})(\.\*)?\s*\z}.freeze
    MAX_LENGTH = 200
    # Every release of Python 3 that a host may run on, the newest last.
    PYTHON_3 = (3..14).map { |minor| [3, minor] }.freeze

    module_function

    # Tell whether the range admits the version; nil where the range cannot be read. A bare version is a lower
    # bound, as the host takes it.
    def admits?(range, version)
      clauses = read(range) or return
      clauses.all? { |operator, bound, open| holds?(operator, bound, open, version) }
    end

    # [[operator, [1, 4, 0], whether it ends in .*], ...] or nil
    def read(range)
      return if range.length > MAX_LENGTH

      clauses = range.split(",").map do |clause|
        found = CLAUSE.match(clause) or return
        [found[1] || ">=", found[2].split(".").map(&:to_i), !found[3].nil?]
      end
      clauses unless clauses.empty?
    end

    def holds?(operator, bound, open, version)
      within = version.first(bound.size) == bound
      order = padded(version) <=> padded(bound)
      case operator
      when "==", "===" then open ? within : order.zero?
      when "!=" then open ? !within : !order.zero?
      when ">=" then order >= 0
      when "<=" then order <= 0
      when ">" then order.positive? && !within
      when "<" then order.negative?
      when "~=" then order >= 0 && version.first(bound.size - 1) == bound[0..-2]
      end
    end

    def padded(version)
      version + [0] * (6 - version.size)
    end

    # "Python 3.7 and newer", "Python 2 only"; nil where the range cannot be read.
    def pythons(range)
      return unless read(range)

      two = minor?(range, [2, 7])
      three = PYTHON_3.select { |version| minor?(range, version) }
      return two ? "Python 2 only" : "no Python that is known" if three.empty?

      known = two ? "Python 2.7, and Python 3" : "Python 3"
      return "#{known}, every version" if three == PYTHON_3 || three.first[1] <= 4 && three.last == PYTHON_3.last

      lowest, highest = [three.first, three.last].map { |version| version.join(".") }
      return "#{two ? "Python 2.7, and Python #{lowest}" : "Python #{lowest}"} and newer" if three.last == PYTHON_3.last

      between = lowest == highest ? lowest : "#{lowest} to #{highest}"
      two ? "Python 2.7, and Python #{between}" : "Python #{between} only"
    end

    # Any release of a minor version: `>=3.7.3` admits some of 3.7.
    def minor?(range, version)
      admits?(range, version) || admits?(range, version + [99])
    end
  end
end
