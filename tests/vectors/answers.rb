# frozen_string_literal: true

# What Ruby answers to the shared vectors. In: {file: [input, ...]} as JSON, and the reader as the argument ("" for
# the first one); out: {file: [answer, ...]} of the files that the reader knows.

require "jekyll"
require "json"
require "tempfile"
require_relative "jekyll_file"
%w(front_matter guard plugin_page specifiers values).each { |name| require jekyll_file(name) }

module Answers
  include Almanac

  module_function

  def python_range(text)
    clauses = Specifiers.read(text, :bare => false)
    { "valid" => !clauses.nil?, "python_2" => clauses && Specifiers.minor?(clauses, [2, 7]), "python_3" => Specifiers.three?(text) }
  end

  def known?(minor)
    major, rest = minor.split(".").map(&:to_i)
    # Of Python 2, `pythons` asks for 2.7 alone.
    minor == "2.7" || Specifiers::PYTHON_3.include?([major, rest])
  end

  def contradicts?((registered, found))
    facts = { "python" => found, "registered" => registered, "path" => "x.py" }
    Guard.clean({ "compatibility_evidence" => facts }, "x")["evidence"]["contradicts"]
  end

  # The page's link to the tracker is the only place where a registration's `source` is taken apart.
  def repository((source, _server))
    tracker = PluginPage.allocate.send(:tracker, Guard.clean({ "source" => source }, "x")["source"])
    tracker && tracker[%r!\Ahttps://github\.com/(.*)/issues\z!, 1]
  end

  def front_matter(text)
    Tempfile.create("registration") do |file|
      file.binmode
      file.write("---\n#{text}\n---\n")
      file.close
      told(FrontMatter.read(file.path).first)
    end
  rescue FrontMatter::Unreadable
    "unreadable"
  end

  # What YAML alone makes of it, without the short cut for enriched copies.
  def as_yaml(text)
    told(FrontMatter.parse("#{text}\n"))
  rescue FrontMatter::Unreadable
    "unreadable"
  end

  def slug?(text)
    Values.slug?(text)
  end

  def visible(text)
    Values.line(text).to_s
  end

  def told(data)
    { "value" => data["a"], "shown" => Values.line(data["a"]).to_s }
  end
end

READERS = {
  "" => {
    "python_ranges" => :python_range, "known_pythons" => :known?, "python_range_pairs" => :contradicts?,
    "repository_addresses" => :repository, "front_matter" => :front_matter, "slugs" => :slug?, "visible_text" => :visible
  },
  "yaml" => { "front_matter" => :as_yaml },
}.freeze

# That a reader raises is an answer, and a wrong one.
def guarded(name, input)
  JSON.generate(Answers.public_send(name, input))
rescue StandardError, SystemStackError => e
  JSON.generate("raised #{e.class}: #{e.message[0, 200].scrub}")
end

asked = JSON.parse($stdin.read)
told = READERS.fetch(ARGV.fetch(0)).map do |file, name|
  "#{JSON.generate(file)}: [#{asked.fetch(file).map { |input| guarded(name, input) }.join(", ")}]"
end
puts "{#{told.join(", ")}}"
