# frozen_string_literal: true

module Almanac
  # Version ranges as registrations write them (`>=3.7,<4`, `1.4.0`), as far as plain releases go.
  module Specifiers
    CLAUSE = %r{\A\s*(~=|===?|!=|<=?|>=?)?\s*v?(\d{1,6}(?:\.\d{1,6}){0,4})(\.\*)?\s*\z}.freeze
    MAX_LENGTH = 200
    # Every minor release of Python 3 that a host may run on, the newest last, and the patches that one may have;
    # as scripts/registry/enrich/verdicts.py has them.
    PYTHON_3 = (0..15).map { |minor| [3, minor] }.freeze
    PATCHES = (0..40).freeze

    module_function

    # Tell whether the range admits the version; nil where the range cannot be read. A bare version is a lower
    # bound, as the host takes it.
    def admits?(range, version)
      clauses = read(range) or return
      all?(clauses, version)
    end

    def all?(clauses, version)
      clauses.all? { |operator, bound, open| holds?(operator, bound, open, version) }
    end

    # [[operator, [1, 4, 0], whether it ends in .*], ...] or nil. bare: whether a version may stand alone; as a
    # range of Pythons the host does not take it.
    def read(range, bare: true)
      return if range.length > MAX_LENGTH

      clauses = range.split(",").map do |clause|
        found = CLAUSE.match(clause) or return
        return unless found[1] || bare

        [found[1] || ">=", found[2].split(".").map(&:to_i), !found[3].nil?]
      end
      clauses if clauses.any? && clauses.all? { |clause| sound?(*clause) }
    end

    # `~=3` leaves nothing to hold on to, and `>=3.*` means nothing.
    def sound?(operator, bound, open)
      open ? %w(== !=).include?(operator) : operator != "~=" || bound.size > 1
    end

    def holds?(operator, bound, open, version)
      within = version.first(bound.size) == bound
      order = padded(version) <=> padded(bound)
      case operator
      when "==", "===" then open ? within : order.zero?
      when "!=" then open ? !within : !order.zero?
      when ">=" then order >= 0
      when "<=" then order <= 0
      when ">" then order.positive?
      when "<" then order.negative?
      when "~=" then order >= 0 && version.first(bound.size - 1) == bound[0..-2]
      end
    end

    def padded(version)
      version + [0] * (6 - version.size)
    end

    # What it runs on: "Python 3.7 and newer", "Python 2 only"; nil where the range cannot be read.
    def pythons(range)
      clauses = read(range, :bare => false) or return
      two = minor?(clauses, [2, 7])
      three = PYTHON_3.select { |version| minor?(clauses, version) }
      return two ? "Python 2 only" : "no Python that is known" if three.empty?

      newest = three.last == PYTHON_3.last
      return two ? "Python 2.7 and every Python 3" : "every Python 3" if newest && three.first[1] <= 4

      lowest, highest = [three.first, three.last].map { |version| version.join(".") }
      between = lowest == highest ? lowest : "#{lowest} to #{highest}"
      return two ? "Python 2.7, and on Python #{lowest} and newer" : "Python #{lowest} and newer" if newest

      two ? "Python 2.7, and on Python #{between}" : "Python #{between} only"
    end

    # Tell whether the range admits any Python 3; nil where it cannot be read.
    def three?(range)
      clauses = read(range, :bare => false) or return
      PYTHON_3.reverse_each.any? { |version| minor?(clauses, version) }
    end

    # Any release of a minor version: `>=3.7.3` admits some of 3.7.
    def minor?(clauses, version)
      PATCHES.any? { |patch| all?(clauses, version + [patch]) }
    end
  end
end
