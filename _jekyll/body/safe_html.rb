# frozen_string_literal: true

require "cgi"
require "sanitize"
require_relative "../read/values"

module Almanac
  # From the HTML that kramdown made of a stranger's Markdown to HTML that can do nothing but be read.
  module SafeHtml
    # What the rest of the page asks of a body: headings below the page's own, ids that cannot be the page's,
    # links that tell search engines and the other side nothing.
    module Shape
      ID = %r!\A[\p{L}\p{N}_:.-]{1,100}\z!.freeze
      MAIL = %r!\Amailto:[^\s"'<>\\:]{3,300}\z!i.freeze
      OWN_PAGE = %r{\A/(?!/)[\p{L}\p{N}_./+%-]*(?:[?#][^\s"'<>\\]*)?\z}.freeze

      def initialize
        @outline = []
        @ids = {}
      end

      # The page's title is the h1: a body begins below it, and no level is left out on the way down.
      def level(written)
        @outline.pop while @outline.any? && @outline.last >= written
        @outline.push(written)
        [@outline.size + 1, 6].min
      end

      # Return the id that stands for this one in the page, nil where it is no id or taken.
      def own_id(id)
        return if !ID.match?(id) || @ids.key?(id.downcase)

        @ids[id.downcase] = "user-content-#{id}"
      end

      # Return [href, rel], or nil for a link that may not lead anywhere.
      def target(href)
        if (url = Values.web(href))
          [url, "nofollow noopener ugc"]
        elsif MAIL.match?(href)
          [href, "nofollow"]
        elsif href.start_with?("#") || OWN_PAGE.match?(href)
          [href, nil]
        end
      end

      # A picture elsewhere: no page asks a third party for anything, so its reader decides by a link. Within a
      # link (a README's badge) what it shows is said. Return [text, address or nil].
      def elsewhere(image, alt, linked)
        host = Values.host_of(image["url"])
        return [alt.empty? ? "Picture at #{host}" : alt, nil] if linked

        ["Picture at #{host}#{": #{alt}" unless alt.empty?}", image["url"]]
      end
    end

    # Most bodies are HTML of a few exact tags. Text and these, properly nested, are safe as they are; the least
    # doubt leaves a body to the Cleaner, which takes ten times as long.
    class Quick
      include Shape

      PAIRS = %w(p em strong ul ol li pre code blockquote del dl dt dd table thead tbody tr th td b i u s small sub
                 sup kbd).freeze
      OPEN = PAIRS.to_h { |name| ["<#{name}>", name] }.freeze
      CLOSE = (PAIRS + %w(a h1 h2 h3 h4 h5 h6)).to_h { |name| ["</#{name}>", name] }.freeze
      # The Cleaner refuses what is nested too deeply, by what a parser makes of it.
      DEEP = 40
      # Browsers move everything else out of a table.
      TABLE = %w(table thead tbody tr).to_h { |name| [name, true] }.freeze
      OF_TABLE = %r!\A</?t(?:able|head|body|[rhd])\b!.freeze
      VOID = { "<br />" => "<br>", "<hr />" => "<hr>" }.freeze
      TAG = %r!<[^<>]*>|[<>]!.freeze
      # Between its tags stands nothing but spaces, other tags and what may be a space: the Cleaner judges it.
      MUTE_HEADING = %r{<h[1-6][^<>]*>(?:[[:space:]]|&[A-Za-z0-9#]*;?|<(?!/?h[1-6])[^<>]*>)*</h}.freeze
      ALIGNED = %r!\A<p align="[a-z]+">\z!.freeze
      LANGUAGE = %r!\A<code class="language-[A-Za-z0-9_+-]{1,30}">\z!.freeze
      HEADING = %r!\A<h([1-6])(?: id="([^"<>&]*)")?>\z!.freeze
      CELL = %r!\A<(t[hd]) style="text-align: (left|right|center)">\z!.freeze
      ALIGNMENT = %r!style="text-align: ([a-z]+)"!.freeze
      LINK = %r!\A<a href="([^"<>]*)"( title="[^"<>]*")?>\z!.freeze
      ALT = %r!\A alt="(.*)"\z!m.freeze
      PICTURE = %r!\A<img src="([^"<>]*)"( alt="[^"<>]*")?( title="[^"<>]*")? />\z!.freeze

      # Return safe HTML, or nil when the Cleaner should look at it.
      def clean(html)
        return if MUTE_HEADING.match?(html)

        open = []
        safe = html.gsub(TAG) { |tag| (placed?(tag, open) && tagged(tag, open)) || (return nil) }
        safe if open.empty?
      end

      private

      def placed?(tag, open)
        open.empty? || (open.size < DEEP && (!TABLE.key?(open.last[0]) || OF_TABLE.match?(tag)))
      end

      def tagged(tag, open)
        paired(tag, open) || VOID[tag] || shaped(tag, open)
      end

      def paired(tag, open)
        if (name = OPEN[tag])
          open.push([name, name])
          tag
        elsif (name = CLOSE[tag])
          opened, written = open.pop
          "</#{written}>" if opened == name
        end
      end

      def shaped(tag, open)
        case tag
        when LINK then (opened(open, "a", link(CGI.unescapeHTML(Regexp.last_match(1)), Regexp.last_match(2))) unless linked?(open))
        when PICTURE then picture(Regexp.last_match(1), Regexp.last_match(2), Regexp.last_match(3), open)
        when HEADING then heading(open, Regexp.last_match(1), Regexp.last_match(2))
        when CELL then opened(open, Regexp.last_match(1), tag.sub(ALIGNMENT, 'class="align-\1"'))
        when ALIGNED then opened(open, "p", "<p>")
        when LANGUAGE then opened(open, "code", tag)
        end
      end

      def opened(open, name, tag)
        open.push([name, name]) if tag
        tag
      end

      # Within something else, browsers may move it, and with it its place in the outline.
      def heading(open, written, id)
        return if open.any?

        name = "h#{level(written.to_i)}"
        open.push(["h#{written}", name])
        id &&= own_id(id)
        "<#{name}#{%( id="#{id}") if id}>"
      end

      def link(href, title)
        url, rel = target(href)
        %(<a href="#{CGI.escapeHTML(url)}"#{title}#{%( rel="#{rel}") if rel}>) if url && !url.start_with?("#")
      end

      # A second link would end the first.
      def linked?(open)
        open.any? { |name, _| name == "a" }
      end

      def picture(src, alt, title, open)
        image = Values.image(CGI.unescapeHTML(src)) or return
        return %(<img src="#{CGI.escapeHTML(image["url"])}"#{alt || ' alt=""'}#{title} loading="lazy" decoding="async">) if image["own"]

        text, url = elsewhere(image, CGI.unescapeHTML(alt.to_s[ALT, 1].to_s).strip, linked?(open))
        text = CGI.escapeHTML(text)
        url ? %(<a href="#{CGI.escapeHTML(url)}" rel="nofollow noopener ugc">#{text}</a>) : text
      end
    end

    # Everything else: parsed as browsers parse, shaped, and held against an allow-list, which has the last word.
    class Cleaner
      include Shape

      LANGUAGE = %r!\Alanguage-[A-Za-z0-9_+-]{1,30}\z!.freeze
      ALIGN = %r!\A\s*text-align:\s*(left|center|right)\s*;?\s*\z!i.freeze
      SANITIZER = Sanitize.new(
        :elements            => %w(
          a abbr b blockquote br caption cite code col colgroup dd del details dfn div dl dt em figcaption figure
          h1 h2 h3 h4 h5 h6 hr i img ins kbd li mark ol p pre q s samp small span strong sub summary sup table
          tbody td tfoot th thead tr u ul var
        ),
        :attributes          => {
          "a"       => %w(href title rel), "abbr" => %w(title), "code" => %w(class), "details" => %w(open),
          "img"     => %w(src alt title width height loading decoding), "ol" => %w(start),
          "td"      => %w(class colspan rowspan), "th" => %w(class colspan rowspan), :all => %w(id)
        },
        :protocols           => {
          "a" => { "href" => ["http", "https", "mailto", :relative] }, "img" => { "src" => [:relative] },
        },
        :remove_contents     => %w(script style template iframe object embed noscript noembed noframes svg math
                                   title textarea select xmp plaintext),
        :whitespace_elements => {}
      )
      PARSER = { :max_tree_depth => 200, :max_attributes => 50, :max_errors => 0 }.freeze
      HEADINGS = "h1, h2, h3, h4, h5, h6"
      UNTOUCHED = %w(p li strong em br ul pre blockquote).to_h { |name| [name, true] }.freeze

      def clean(html)
        fragment = Nokogiri::HTML5.fragment(html, **PARSER)
        fragment.xpath(".//*").each { |node| shape(node) }
        SANITIZER.node!(fragment)
        fragment.css(HEADINGS).each { |node| heading(node) }
        fragment.css("details").each { |node| summarise(node) } if html.include?("<details")
        fragment.css("a[href^='#']").each { |link| settle(link) } if html.include?('href="#')
        fragment.to_html(:preserve_newline => true)
      end

      private

      def shape(node)
        identify(node) if node["id"]
        name = node.name
        return if UNTOUCHED.key?(name)

        case name
        when "a" then link(node)
        when "img" then picture(node)
        when "code" then node.delete("class") unless LANGUAGE.match?(node["class"].to_s)
        when "td", "th" then cell(node)
        when "ol" then node.delete("start") unless node["start"].to_s.match?(%r!\A\d{1,6}\z!)
        when "details" then node["open"] = "" if node["open"]
        when "input" then checkbox(node)
        end
      end

      def identify(node)
        id = own_id(node["id"])
        id ? node["id"] = id : node.delete("id")
      end

      # What is left of it is judged: a heading that says nothing goes, and counts as no level.
      def heading(node)
        said = "#{node.text}#{node.css("img").map { |image| image["alt"] }.join}"
        said.match?(%r![^[:space:]]!) ? node.name = "h#{level(node.name[1].to_i)}" : node.remove
      end

      # Something to open it by.
      def summarise(node)
        return if node.element_children.first&.name == "summary"

        node.prepend_child(node.document.create_element("summary", "Details"))
      end

      def link(node)
        href, rel = target(node["href"].to_s.strip)
        href ? node["href"] = href : node.delete("href")
        rel ? node["rel"] = rel : node.delete("rel")
      end

      # A link within the body: to the id that its target has got, or to nowhere.
      def settle(link)
        id = @ids[CGI.unescape(link["href"].delete_prefix("#")).scrub.downcase]
        id ? link["href"] = "##{id}" : link.delete("href")
      end

      def picture(node)
        image = Values.image(node["src"])
        return node.replace(node.document.create_text_node(node["alt"].to_s)) unless image
        return linked(node, image) unless image["own"]

        node["src"] = image["url"]
        node["alt"] = node["alt"].to_s
        node["loading"] = "lazy"
        node["decoding"] = "async"
        %w(width height).each do |side|
          pixels = node[side].to_s[%r!\A(\d{1,4})(?:px)?\z!, 1]
          pixels ? node[side] = pixels : node.delete(side)
        end
      end

      def linked(node, image)
        text, url = elsewhere(image, node["alt"].to_s.strip, node.ancestors("a").any?)
        return node.replace(node.document.create_text_node(text)) unless url

        link = node.document.create_element("a", text, "href" => url, "rel" => "nofollow noopener ugc")
        node.replace(link)
      end

      def cell(node)
        side = node["style"].to_s[ALIGN, 1]
        side ? node["class"] = "align-#{side.downcase}" : node.delete("class")
        %w(colspan rowspan).each { |span| node.delete(span) unless node[span].to_s.match?(%r!\A[1-9]\d?\z!) }
      end

      # GitHub's task lists.
      def checkbox(node)
        return unless node["type"] == "checkbox"

        node.replace(node.document.create_text_node(node["checked"] ? "☑ " : "☐ "))
      end
    end
  end
end
