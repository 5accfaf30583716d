# frozen_string_literal: true

# Return the path of a file of _jekyll by its name alone, in whichever folder it stands.
def jekyll_file(name)
  found = Dir.glob(File.expand_path("../../_jekyll/**/#{name}.rb", __dir__))
  found.one? ? found.first : abort("below _jekyll there are #{found.size} files #{name}.rb, not one")
end
