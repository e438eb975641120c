#include "sim/study/run_records.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <limits>
#include <nlohmann/json.hpp>

#include "sim/core/hash.hpp"
#include "sim/study/text_file.hpp"

namespace swarm {
namespace study {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr std::string_view kCheck = ",\"check\":\"";
constexpr std::size_t kCheckDigits = 16;
constexpr std::size_t kLayoutEvery = 32;  // records between copies of the line that explains them

std::string checksum(std::string_view text) { return hash128(text.data(), text.size()).hex().substr(0, kCheckDigits); }

/// The object with its checksum as last member, and the end of the line.
std::string sealed(const Json& json) {
  std::string text = json.dump(-1, ' ', false, Json::error_handler_t::replace);
  text.pop_back();
  return text + std::string(kCheck) + checksum(text) + "\"}\n";
}

/// The object of an intact line; throws what is wrong.
Json unsealed(std::string_view line) {
  const std::size_t end = kCheck.size() + kCheckDigits + 2;
  if (line.size() < end || line.substr(line.size() - end, kCheck.size()) != kCheck) throw std::runtime_error("the line is not complete");
  const std::string_view body = line.substr(0, line.size() - end);
  if (line.substr(line.size() - kCheckDigits - 2, kCheckDigits) != checksum(body)) throw std::runtime_error("its checksum does not match");
  return Json::parse(std::string(body) + "}");
}

Json json_of(const FigureLayout& layout) {
  Json columns = Json::array();
  for (const auto& c : layout.columns)
    columns.push_back({{"name", c.name}, {"units", c.units}, {"long_name", c.long_name}, {"kind", c.kind}, {"axis", c.axis}});
  return {{"columns", columns}, {"labels", layout.labels}};
}

std::string hash_of(const FigureLayout& layout) { return checksum(json_of(layout).dump()); }

FigureLayout layout_of(const Json& json) {
  FigureLayout layout;
  for (const auto& c : json.at("columns")) layout.columns.push_back({c.at("name"), c.at("units"), c.at("long_name"), c.at("kind"), c.at("axis")});
  json.at("labels").get_to(layout.labels);
  return layout;
}

using Layouts = std::map<std::string, std::shared_ptr<const FigureLayout>>;

RunRecord record_of(const Json& json, const Layouts& layouts) {
  RunRecord r;
  json.at("run").get_to(r.run);
  json.at("id").get_to(r.id);
  r.done = json.at("status") == "done";
  if (!r.done) {
    r.failure = {json.at("exit_code"), json.at("signal"), json.at("message"), json.at("log")};
    return r;
  }
  json.at("seconds").get_to(r.seconds);
  const auto layout = layouts.find(json.at("layout").get<std::string>());
  if (layout == layouts.end()) throw std::runtime_error("the line that says what its values mean is lost");
  r.layout = layout->second;
  for (const auto& v : json.at("values")) r.values.push_back(v.is_null() ? std::numeric_limits<double>::quiet_NaN() : v.get<double>());
  std::size_t width = 0;
  for (const auto& c : r.layout->columns) width += r.layout->width(c);
  if (r.values.size() != width) throw std::runtime_error("it has too few or too many values");
  return r;
}

/// Layouts first: a record may be explained by any file, so that the loss of one line costs nothing else.
void read_layouts(const std::string& text, Layouts& layouts) {
  for (std::size_t at = text.find("{\"layout_of\""); at != text.npos; at = text.find("\n{\"layout_of\"", at)) {
    at += text[at] == '\n';
    const std::size_t end = text.find('\n', at);
    if (end == text.npos) return;
    try {
      const Json json = unsealed(std::string_view(text).substr(at, end - at));
      layouts[json.at("layout_of")] = std::make_shared<FigureLayout>(layout_of(json));
    } catch (const std::exception&) {}  // named when records are read
    at = end;
  }
}

void read_file(const fs::path& file, const std::string& text, const Layouts& layouts, Records& out) {
  int number = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = text.find('\n', at);
    ++number;
    if (end == text.npos) return;  // torn by a kill: that run is done again
    try {
      const Json json = unsealed(std::string_view(text).substr(at, end - at));
      if (!json.contains("layout_of")) out.records.push_back(record_of(json, layouts));
    } catch (const std::exception& e) {
      out.damaged.push_back({.file = file.string(), .line = number, .column = 1, .problem = "a line of results is damaged", .why = e.what(),
                             .suggestion = "the run counts as missing; 'swarmsim sweep' with the same study does it again."});
    }
    at = end + 1;
  }
}

}  // namespace

RecordWriter::RecordWriter(const fs::path& file) : file_(file) {
  descriptor_ = open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (descriptor_ < 0)
    throw FileError({.file = file.string(), .problem = "cannot be opened", .why = std::strerror(errno), .suggestion = "check the folder and its permissions."});
  try {
    lock_ = io::WriteLock(file);
    const std::string text = read_text_file(file);
    const std::size_t whole = text.rfind('\n') == text.npos ? 0 : text.rfind('\n') + 1;
    if (ftruncate(descriptor_, static_cast<off_t>(whole)) != 0 || lseek(descriptor_, 0, SEEK_END) < 0)
      throw FileError({.file = file.string(), .problem = "cannot be repaired", .why = std::strerror(errno), .suggestion = "check the disk."});
  } catch (...) {
    close(descriptor_);
    throw;
  }
}

RecordWriter::~RecordWriter() {
  fdatasync(descriptor_);
  close(descriptor_);
}

void RecordWriter::append(const std::string& text) {
  const off_t before = lseek(descriptor_, 0, SEEK_END);
  for (std::size_t at = 0; at < text.size();) {
    const ssize_t n = write(descriptor_, text.data() + at, text.size() - at);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) {
      const int reason = n == 0 ? ENOSPC : errno;
      if (ftruncate(descriptor_, before) != 0) {}  // a torn line is dropped by the next reader and writer as well
      throw FileError({.file = file_.string(), .problem = "results cannot be written", .why = std::strerror(reason),
                       .suggestion = "make room, then continue the study; what was done is kept."});
    }
    at += static_cast<std::size_t>(n);
  }
}

void RecordWriter::done(std::int64_t run, const std::string& id, double seconds, const Figures& figures) {
  const std::string hash = hash_of(figures.layout);
  std::string text;
  const std::size_t before = layouts_[hash]++;
  if (before % kLayoutEvery == 0 || before == 1) {  // twice at once, so that damage of one line costs one run in short files too
    Json layout{{"layout_of", hash}};
    layout.update(json_of(figures.layout));
    text = sealed(layout);
  }
  Json values = Json::array();
  for (const double v : figures.values) values.push_back(std::isfinite(v) ? Json(v) : Json());
  text += sealed({{"run", run}, {"id", id}, {"status", "done"}, {"seconds", seconds}, {"layout", hash}, {"values", std::move(values)}});
  append(text);
}

void RecordWriter::failed(std::int64_t run, const std::string& id, const Failure& f) {
  append(sealed({{"run", run}, {"id", id}, {"status", "failed"}, {"exit_code", f.exit_code}, {"signal", f.signal}, {"message", f.message}, {"log", f.log}}));
}

Records read_records(const fs::path& folder) {
  Records out;
  std::vector<fs::path> files;
  std::error_code error;
  for (auto at = fs::directory_iterator(folder, error); !error && at != fs::directory_iterator(); at.increment(error))
    if (at->path().extension() == ".jsonl") files.push_back(at->path());
  if (error && error != std::errc::no_such_file_or_directory)
    throw FileError({.file = folder.string(), .problem = "cannot be read", .why = error.message(), .suggestion = "check the folder and its permissions."});
  std::sort(files.begin(), files.end());
  Layouts layouts;
  std::vector<std::string> texts;
  for (const auto& file : files) read_layouts(texts.emplace_back(read_text_file(file)), layouts);
  for (std::size_t i = 0; i < files.size(); ++i) read_file(files[i], texts[i], layouts, out);
  return out;
}

}  // namespace study
}  // namespace swarm
