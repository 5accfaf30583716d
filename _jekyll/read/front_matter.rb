# frozen_string_literal: true

require "json"
require "psych"

module Almanac
  # Reads a registration's front matter to strings, integers, booleans, nil, arrays and hashes, nothing else.
  # Numbers with a point, dates and symbols stay the text that was written: 1.10 is a version, not 1.1.
  module FrontMatter
    Unreadable = Class.new(StandardError)

    FENCED = %r!\A---[ \t]*\r?\n(.*?)^---[ \t]*\r?(?:\n|\z)!m.freeze
    INTEGER = %r!\A[-+]?(?:0|[1-9][0-9]{0,17})\z!.freeze
    TRUE = %w(true True TRUE yes Yes YES on On ON).freeze
    FALSE = %w(false False FALSE no No NO off Off OFF).freeze
    NOTHING = ["", "~", "null", "Null", "NULL"].freeze
    WORDS = TRUE.to_h { |word| [word, true] }
      .merge(FALSE.to_h { |word| [word, false] }).merge(NOTHING.to_h { |word| [word, nil] }).freeze
    # Escapes that mean the same to JSON and to YAML, which has more of them, but no pairs of surrogates.
    SHARED_ESCAPES = %r{\A(?>[^\\]+|\\(?:["\\/bfnrt]|u(?![dD][89a-fA-F])))*+\z}.freeze
    ENRICHED_LINE = %r!\A([a-z_]+): (.*)\n\z!.freeze
    MAX_BYTES = 2_097_152
    MAX_DEPTH = 20

    module_function

    # Return [front matter as a Hash, body]. Raises Unreadable, whatever the file holds.
    def read(path)
      raise Unreadable, "larger than 2 MB" if File.size(path) > MAX_BYTES

      text = File.binread(path).force_encoding(Encoding::UTF_8).delete_prefix("\uFEFF")
      raise Unreadable, "not UTF-8" unless text.valid_encoding?

      match = FENCED.match(text)
      raise Unreadable, "no front matter between two lines of ---" unless match

      [enriched(match[1]) || parse(match[1]), match.post_match]
    rescue SystemCallError => e
      raise Unreadable, e.message
    end

    # The enriched copy holds a key and its JSON on each line, which JSON reads four times as fast as YAML
    # does, to the same values. Return nil when any line is something else.
    def enriched(yaml)
      yaml.each_line.to_h do |line|
        key, value = ENRICHED_LINE.match(line)&.captures
        return unless key

        json = value.start_with?("{", "[", '"')
        return if value.include?("\\") && !SHARED_ESCAPES.match?(value)

        [key, json ? JSON.parse(value, :decimal_class => Written, :max_nesting => MAX_DEPTH) : bare(value)]
      end
    rescue JSON::ParserError
      nil
    end

    # A value that YAML takes as it stands: no comment, quote, bracket or mapping.
    def bare(value)
      value.match?(%r!\A[A-Za-z0-9+-][A-Za-z0-9.+-]*\z!) ? scalar(value) : raise(JSON::ParserError)
    end

    # Keeps a number with a point as it is written.
    module Written
      def self.try_convert(text)
        text
      end
    end

    def parse(yaml)
      root = Psych.parse(yaml)
      data = root ? plain(root.children.first, 0) : nil
      raise Unreadable, "the front matter is no mapping" unless data.is_a?(Hash)

      data
    rescue Psych::Exception => e
      raise Unreadable, "the front matter is no YAML: #{e.message}"
    end

    def plain(node, depth)
      raise Unreadable, "the front matter is nested too deeply" if depth > MAX_DEPTH

      raise Unreadable, "YAML tags are not allowed" if node.respond_to?(:tag) && node.tag

      case node
      when Psych::Nodes::Scalar then node.quoted ? node.value : scalar(node.value)
      when Psych::Nodes::Sequence then node.children.map { |child| plain(child, depth + 1) }
      when Psych::Nodes::Mapping
        node.children.each_slice(2).to_h { |key, value| [plain(key, depth + 1).to_s, plain(value, depth + 1)] }
      else raise Unreadable, "YAML aliases are not allowed"
      end
    end

    def scalar(text)
      return WORDS[text] if WORDS.key?(text)

      INTEGER.match?(text) ? text.to_i : text
    end
  end
end
