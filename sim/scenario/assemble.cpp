#include "sim/scenario/assemble.hpp"

#include <algorithm>
#include <type_traits>

#include "sim/grid/region_table.hpp"
#include "sim/hardware/catalogue.hpp"
#include "sim/scenario/bind.hpp"
#include "sim/scenario/fields.hpp"

namespace swarm {
namespace scenario {
namespace {

namespace fs = std::filesystem;

const std::vector<std::string> kDefaultRegions{"BD", "KE", "DE"};
const std::vector<std::string> kTopLevelKeys{"extends", "regions", "region", "site", "device", "purpose", "hazard", "fault"};

bool contains(const std::vector<std::string>& words, const std::string& word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

template <class T>
const T* find_builtin(const std::string& name) {
  if constexpr (std::is_same_v<T, grid::Region>) return grid::find_region(name);
  if constexpr (std::is_same_v<T, hardware::Device>) return hardware::find_device(name);
  return nullptr;
}

void make_absolute(std::string& path, const fs::path& folder) {
  if (path.empty()) return;
  const fs::path full = (folder / path).lexically_normal();
  path = (full.has_filename() ? full : full.parent_path()).string();
}

}  // namespace

Assembler::Assembler(Scenario& scenario, Stated& stated, Problems& problems)
    : scenario_(scenario), stated_(stated), problems_(problems) {
  for (const auto& device : hardware::device_catalogue()) devices_.push_back({device, {}, true});
  for (const auto& purpose : workload::purpose_table()) purposes_.push_back({purpose, {}, true});
}

template <class P>
void Assembler::section(const char* name, P& params, const char*) {
  sections_.emplace_back(name);
  const Entry* entry = document_->find(name);
  if (entry == nullptr) return;
  if (entry->value.kind != NodeKind::table) {
    problems_.add(entry->place, "'" + std::string(name) + "' is " + kind_text(entry->value.kind),
                  "it must be a table of keys", "write [" + std::string(name) + "] on a line of its own");
    return;
  }
  bind(entry->value, name, params, stated_, problems_);
}

void Assembler::add(const Node& document) {
  document_ = &document;
  sections_ = kTopLevelKeys;
  describe_sections(*this, scenario_);
  if (const Entry* run = document.find("run")) track_end(run->value);
  if (const Entry* list = document.find("regions")) add_regions_list(list->value);
  if (const Entry* tables = document.find("region")) {
    if (!chosen_) chosen_.emplace();
    add_tables("region", *tables, regions_, &*chosen_);
  }
  if (const Entry* tables = document.find("device")) add_tables("device", *tables, devices_, nullptr);
  if (const Entry* tables = document.find("site")) add_tables("site", *tables, sites_, nullptr);
  if (const Entry* tables = document.find("purpose")) add_tables("purpose", *tables, purposes_, nullptr);
  if (const Entry* tables = document.find("hazard")) add_tables("hazard", *tables, hazards_, nullptr);
  if (const Entry* tables = document.find("fault")) add_tables("fault", *tables, faults_, nullptr);
  for (const auto& entry : document.entries) {
    if (contains(sections_, entry.key)) continue;
    std::string near = meant(entry.key, sections_);
    if (near.empty()) near = key_in_another_section(entry.key);
    const std::string what = entry.value.kind == NodeKind::table ? "unknown section '" : "unknown key '";
    problems_.add(entry.place, what + entry.key + "'", "it would be ignored silently",
                  near.empty() ? "sections: " + list_text(sections_) : "did you mean '" + near + "'?");
  }
}

void Assembler::add(const Override& change) {
  if (change.table.empty())
    add(change.tree);
  else
    waiting_.push_back(change);
}

/// The later of `end` and `duration` counts; in one document they would contradict each other.
void Assembler::track_end(const Node& run) {
  const Entry* end = run.find("end");
  const Entry* duration = run.find("duration");
  if (duration == nullptr) return;
  if (end != nullptr && !end->value.text.empty())
    problems_.add(end->value.place, "both 'run.end' and 'run.duration' are given",
                  "only one of the two could count", "remove one of them");
  scenario_.run.end.clear();
}

void Assembler::add_regions_list(const Node& list) {
  if (list.kind != NodeKind::list) {
    problems_.add(list.place, "'regions' is " + kind_text(list.kind), "it must be a list of names",
                  "write regions = [\"BD\", \"KE\"]");
    return;
  }
  std::vector<std::string> names;
  for (const auto& item : list.items) {
    if (item.kind != NodeKind::text) {
      problems_.add(item.place, "'regions' contains " + kind_text(item.kind), "it must be a list of names",
                    "write regions = [\"BD\", \"KE\"]");
    } else if (contains(names, item.text)) {
      problems_.add(item.place, "region '" + item.text + "' is listed twice", "names of regions are unique",
                    "remove one of them");
    } else {
      names.push_back(item.text);
      chosen_at_[item.text] = item.place;
    }
  }
  if (list.items.empty())
    problems_.add(list.place, "'regions' is empty", "a world needs at least one region",
                  "name one, or leave the key out for " + list_text(kDefaultRegions));
  if (names.empty()) return;
  drop_what_lies_in_dropped_regions(names);
  chosen_ = std::move(names);
}

void Assembler::drop_what_lies_in_dropped_regions(const std::vector<std::string>& kept) {
  const auto& before = chosen_ ? *chosen_ : kDefaultRegions;
  const auto dropped = [&](const auto& draft) {
    return contains(before, draft.value.region) && !contains(kept, draft.value.region);
  };
  std::vector<std::string> sites_dropped;
  for (const auto& site : sites_)
    if (dropped(site)) sites_dropped.push_back(site.value.name);
  std::erase_if(sites_, dropped);
  std::erase_if(hazards_, dropped);
  const auto site_dropped = [&](const auto& fault) { return fault.value.region.empty() && contains(sites_dropped, fault.value.site); };
  std::erase_if(faults_, [&](const auto& fault) { return dropped(fault) || site_dropped(fault); });
}

template <class T>
Assembler::Draft<T>& Assembler::draft(const std::string& name, const Place& place, Drafts<T>& drafts) {
  for (auto& existing : drafts)
    if (existing.value.name == name) return existing;
  const T* builtin = find_builtin<T>(name);
  drafts.push_back({builtin ? *builtin : T{}, place, builtin != nullptr});
  drafts.back().value.name = name;
  return drafts.back();
}

template <class T>
std::string Assembler::canonical_name(const std::string& word, const Place& place, const Drafts<T>&) {
  if constexpr (std::is_same_v<T, workload::PurposeRecord>) {
    if (const auto purpose = workload::find_purpose(word)) return std::string(enum_name(*purpose));
    problems_.add(place, "unknown purpose '" + word + "'", "its requests would silently count as ordinary ones",
                  suggest_purpose(word));
    return {};
  }
  return word;
}

template <class T>
void Assembler::add_tables(const std::string& kind, const Entry& entry, Drafts<T>& drafts,
                           std::vector<std::string>* chosen) {
  const std::string header = "[[" + kind + "]]";
  if (entry.value.kind != NodeKind::list) {
    problems_.add(entry.place, "'" + kind + "' is " + kind_text(entry.value.kind),
                  "there can be several of them", "write " + header + " and a line name = \"…\"");
    return;
  }
  std::vector<std::string> names;
  for (const auto& table : entry.value.items) {
    const Entry* name = table.kind == NodeKind::table ? table.find("name") : nullptr;
    if (name == nullptr || name->value.kind != NodeKind::text || name->value.text.empty()) {
      problems_.add(name ? name->value.place : table.place, header + " without a name",
                    "tables are told apart by their names", "add a line name = \"…\"");
      continue;
    }
    const std::string word = canonical_name(name->value.text, name->value.place, drafts);
    if (word.empty()) continue;
    if (contains(names, word))
      problems_.add(name->value.place, kind + " '" + word + "' is defined twice", "names are unique",
                    "rename or remove one of them");
    names.push_back(word);
    auto& target = draft(word, name->value.place, drafts);
    bind(table, kind + "." + word, target.value, stated_, problems_);
    target.value.name = word;
    if (chosen != nullptr && !contains(*chosen, word)) chosen->push_back(word);
  }
}

std::vector<std::string> Assembler::missing_keys(const std::string& table,
                                                 const std::vector<std::string>& needed) const {
  std::vector<std::string> missing;
  for (const auto& key : needed)
    if (!stated_.contains(table + "." + key)) missing.push_back(key);
  return missing;
}

void Assembler::check_new_region(const Draft<grid::Region>& region) {
  const auto missing = missing_keys("region." + region.value.name,
                                    {"intensity_g_per_kwh", "population", "gdp_per_capita_usd"});
  if (region.known || missing.empty()) return;
  problems_.add(region.place, "unknown region '" + region.value.name + "'",
                "it is not built in and its [[region]] table does not give " + list_text(missing),
                suggest_region(region.value.name));
}

void Assembler::check_new_device(const Draft<hardware::Device>& device) {
  const auto missing =
      missing_keys("device." + device.value.name,
                   {"peak_fp32", "peak_fp16", "peak_int8", "memory_bytes", "bandwidth", "idle_w", "max_w"});
  if (device.known || missing.empty()) return;
  std::vector<std::string> names;
  for (const auto& builtin : hardware::device_catalogue()) names.push_back(builtin.name);
  problems_.add(device.place, "unknown device '" + device.value.name + "'",
                "it is not built in and its [[device]] table does not give " + list_text(missing),
                suggest(device.value.name, names, "known devices"));
}

void Assembler::choose_regions() {
  if (!chosen_ || chosen_->empty()) chosen_ = kDefaultRegions;  // empty only beside a reported problem
  for (const auto& name : *chosen_) draft(name, chosen_at_[name], regions_);
  std::erase_if(regions_, [&](const auto& region) { return !contains(*chosen_, region.value.name); });
  const auto position = [&](const auto& region) {
    return std::find(chosen_->begin(), chosen_->end(), region.value.name) - chosen_->begin();
  };
  std::sort(regions_.begin(), regions_.end(),
            [&](const auto& a, const auto& b) { return position(a) < position(b); });
}

template <class T>
bool Assembler::change_table(const Override& change, Drafts<T>& drafts) {
  const std::string name = canonical_name(change.name, change.tree.place, drafts);
  for (auto& existing : drafts) {
    if (existing.value.name != name) continue;
    if (change.key == "name")
      problems_.add(change.tree.place, "a name cannot be overridden", "it is how the table is found",
                    "change it in the file");
    else
      bind(change.tree, change.table + "." + name, existing.value, stated_, problems_);
    return true;
  }
  return name.empty();
}

std::vector<std::string> Assembler::names_of_tables(const std::string& kind) const {
  std::vector<std::string> names;
  const auto collect = [&](const auto& drafts) {
    for (const auto& one : drafts) names.push_back(one.value.name);
  };
  if (kind == "region") collect(regions_);
  if (kind == "device") collect(devices_);
  if (kind == "site") collect(sites_);
  if (kind == "hazard") collect(hazards_);
  if (kind == "fault") collect(faults_);
  return names;
}

void Assembler::report_missing_table(const Override& change) {
  const auto names = names_of_tables(change.table);
  problems_.add(change.tree.place, "no " + change.table + " '" + change.name + "' in this scenario",
                "an override changes what is there", suggest(change.name, names, change.table + "s"));
}

/// Sites of the files first, because a changed region decides which regions still need a default site.
void Assembler::change_sites() {
  std::vector<Override> for_default_sites;
  for (const auto& change : waiting_)
    if (change.table == "site" && !change_table(change, sites_)) for_default_sites.push_back(change);
  add_default_sites();
  for (const auto& change : for_default_sites)
    if (!change_table(change, sites_)) report_missing_table(change);
}

void Assembler::add_default_sites() {
  const auto& hardware = scenario_.hardware;
  for (const auto& name : *chosen_) {
    const auto lies_here = [&](const auto& site) { return site.value.region == name; };
    if (std::any_of(sites_.begin(), sites_.end(), lies_here)) continue;
    hardware::Site site;
    int number = 1;
    do site.name = name + "-" + std::to_string(number++);
    while (contains(names_of_tables("site"), site.name));
    site.region = name;
    site.device = hardware.default_device;
    site.servers = hardware.default_servers;
    site.pue = hardware.default_pue;
    sites_.push_back({site, {}, false});
  }
}

void Assembler::resolve_paths(const fs::path& folder) {
  const fs::path of_overrides = folder.empty() ? fs::current_path() : fs::absolute(folder);
  const auto folder_of = [&](const std::string& key) {
    const auto found = stated_.find(key);
    if (found == stated_.end()) return fs::absolute(scenario_.path).parent_path();
    return found->second.argument.empty() ? fs::absolute(found->second.file).parent_path() : of_overrides;
  };
  auto& run = scenario_.run;
  make_absolute(run.data_dir, folder_of("run.data_dir"));
  make_absolute(run.cache_dir, folder_of("run.cache_dir"));
  auto& specialists = scenario_.specialists;
  make_absolute(specialists.onnx_vision, folder_of("specialists.onnx_vision"));
  make_absolute(specialists.onnx_language, folder_of("specialists.onnx_language"));
  make_absolute(specialists.onnx_reasoning, folder_of("specialists.onnx_reasoning"));
  make_absolute(specialists.onnx_memory, folder_of("specialists.onnx_memory"));
  if (stated_.contains("run.data_dir")) return;
  make_absolute(scenario_.grid.trace, folder_of("grid.trace"));
  make_absolute(scenario_.grid.price_trace, folder_of("grid.price_trace"));
  make_absolute(scenario_.grid.renewable_trace, folder_of("grid.renewable_trace"));
  make_absolute(scenario_.pricing.carbon_series, folder_of("pricing.carbon_series"));
  make_absolute(scenario_.credits.counterfactual, folder_of("credits.counterfactual"));
  make_absolute(scenario_.workload.trace, folder_of("workload.trace"));
  make_absolute(scenario_.hazards.feed, folder_of("hazards.feed"));
  for (auto& region : scenario_.regions)
    make_absolute(region.trace, folder_of("region." + region.name + ".trace"));
}

void Assembler::finish(const fs::path& folder) {
  choose_regions();
  for (const auto& change : waiting_) {
    const bool found = change.table == "region"   ? change_table(change, regions_)
                       : change.table == "device" ? change_table(change, devices_)
                       : change.table == "purpose" ? change_table(change, purposes_)
                       : change.table == "hazard" ? change_table(change, hazards_)
                       : change.table == "fault" ? change_table(change, faults_)
                                                  : true;
    if (!found) report_missing_table(change);
  }
  for (const auto& region : regions_) check_new_region(region);
  for (const auto& device : devices_) check_new_device(device);
  change_sites();
  const auto position = [&](const auto& site) {
    return std::find(chosen_->begin(), chosen_->end(), site.value.region) - chosen_->begin();
  };
  std::stable_sort(sites_.begin(), sites_.end(),
                   [&](const auto& a, const auto& b) { return position(a) < position(b); });
  for (const auto& one : regions_) scenario_.regions.push_back(one.value);
  for (const auto& one : devices_) scenario_.devices.push_back(one.value);
  for (const auto& one : sites_) scenario_.sites.push_back(one.value);
  for (const auto& one : purposes_) scenario_.purposes.push_back(one.value);
  for (const auto& one : hazards_) scenario_.hazard_records.push_back(one.value);
  for (const auto& one : faults_) scenario_.fault_records.push_back(one.value);
  resolve_paths(folder);
}

}  // namespace scenario
}  // namespace swarm
