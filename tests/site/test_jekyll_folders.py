"""The rooms of `_jekyll`: each file loads by itself, and the documentation names it below its room."""

import json
import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "_jekyll"
ALONE = """
require "jekyll"
require "ripper"
files = JSON.parse($stdin.read)
alone = lambda do |names|
  reader, writer = IO.pipe
  child = fork do
    circles = []
    Warning.define_singleton_method(:warn) { |text, **| circles << text if text.include?("circular require") }
    $VERBOSE = true
    names.each { |name| require File.expand_path(name) }
    writer.write(JSON.dump([Almanac.constants, circles, nil]))
  rescue Exception => e
    writer.write(JSON.dump([[], [], e.message]))
  ensure
    writer.close
    exit!
  end
  writer.close
  reader.read.tap { Process.wait(child) }.then { |text| JSON.parse(text) }
end
known, = alone.call(files)
puts JSON.dump(files.to_h { |file|
  defined, circles, fault = alone.call([file])
  named = Ripper.lex(File.read(file)).filter_map { |_, kind, text| text if kind == :on_const }
  [file, { "missing" => (named & known) - defined, "circles" => circles, "fault" => fault }]
})
"""
"""Each file in a process of its own, held against the constants that all of them define together."""


def test_each_file_requires_what_it_names_and_no_two_require_each_other() -> None:
    files = sorted(str(path.relative_to(FOLDER)) for path in FOLDER.rglob("*.rb"))
    done = subprocess.run(
        ["ruby", "-rjson", "-e", ALONE],
        cwd=FOLDER,
        input=json.dumps(files),
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    found = json.loads(done.stdout)
    assert sorted(found) == files
    assert {file: faults for file, faults in found.items() if any(faults.values())} == {}


def test_every_room_and_file_is_named_in_the_documentation() -> None:
    text = (ROOT / "docs" / "site.md").read_text(encoding="utf-8")
    section = text.partition("\n## `_jekyll/`\n")[2].partition("\n## ")[0]
    tables = re.findall(r"^\| `(\w+)/` \|(.*?)\n\n", section, re.MULTILINE | re.DOTALL)
    named = {room: sorted(re.findall(r"`(\w+\.rb)`", rows)) for room, rows in tables}
    assert named == {room.name: sorted(path.name for path in room.glob("*.rb")) for room in FOLDER.iterdir()}
    assert sum(map(len, named.values())) == len(list(FOLDER.rglob("*.rb")))
