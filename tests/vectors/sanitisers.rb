# frozen_string_literal: true

# Puts bodies through both sanitisers. In: {"markdown": [body, ...], "html": [what kramdown might have made, ...]} as
# JSON; out: the same of {"answered": whether the quick one took it, and where they differ "quick", "careful"}.

require "json"
require_relative "jekyll_file"
require jekyll_file("markdown")

module Sanitisers
  include Almanac

  SITE = { "url" => "https://plugins.example.org", "baseurl" => "/base" }.freeze
  # As deep as a body makes it.
  PARSER = { :max_tree_depth => -1, :max_attributes => -1 }.freeze

  module_function

  # Bodies go the whole way, so that what is compared is what kramdown really makes.
  def markdown(body)
    @given = nil
    Markdown.html(Markdown.translate(body, :homepage => "https://example.org/", :site => SITE))
    @given ? html(@given) : { "answered" => false }
  end

  def given(html)
    @given = html
  end

  def html(html)
    quick = SafeHtml::Quick.new.clean(html) or return { "answered" => false }
    careful = carefully(html)
    return { "answered" => true } if careful && tree(quick) == tree(careful)

    { "answered" => true, "html" => html, "quick" => quick, "careful" => careful }
  end

  # nil: it refuses the whole.
  def carefully(html)
    SafeHtml::Cleaner.new.clean(html)
  rescue StandardError, SystemStackError
    nil
  end

  # What a browser makes of it: elements with their attributes in any order, and texts.
  def tree(html)
    branches(Nokogiri::HTML5.fragment(html, **PARSER))
  end

  def branches(node)
    node.children.map do |child|
      child.element? ? [child.name, child.attributes.transform_values(&:value).sort, branches(child)] : child.to_s
    end
  end

  # Notes what Markdown asks the quick one first.
  module Noted
    def clean(html)
      Sanitisers.given(html)
      super
    end
  end
end

Almanac::SafeHtml::Quick.prepend(Sanitisers::Noted)
asked = JSON.parse($stdin.read)
puts JSON.generate(asked.to_h { |kind, bodies| [kind, bodies.map { |body| Sanitisers.public_send(kind, body) }] })
