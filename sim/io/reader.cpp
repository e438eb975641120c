#include "sim/io/reader.hpp"

#include <fmt/core.h>
#include <hdf5.h>

#include <algorithm>
#include <map>

#include "sim/core/errors.hpp"
#include "sim/io/hdf5_handle.hpp"
#include "sim/io/layout.hpp"

namespace swarm::io {
namespace {

[[noreturn]] void refuse(const std::filesystem::path& file, std::string problem, std::string why,
                         std::string suggestion) {
  throw FileError(Diagnostic{.file = file.string(),
                             .problem = std::move(problem),
                             .why = std::move(why),
                             .suggestion = std::move(suggestion)});
}

/// Everything that can be said before the library looks inside.
void check_is_hdf5(const std::filesystem::path& file) {
  std::error_code error;
  if (!std::filesystem::exists(file, error)) {
    std::filesystem::path partial = file;
    partial += ".partial";
    const bool unfinished = std::filesystem::exists(partial, error);
    refuse(file, "there is no such file", "",
           unfinished ? "The run did not finish: read " + partial.string() + ", or go on with --resume."
                      : "Check the path.");
  }
  if (std::filesystem::is_directory(file, error)) refuse(file, "is a folder, not a result file", "", "");
  const htri_t answer = H5Fis_hdf5(file.c_str());
  H5Eclear2(H5E_DEFAULT);
  if (answer > 0) return;
  if (std::filesystem::file_size(file, error) == 0 && !error) refuse(file, "the file is empty", "", "");
  // A file that cannot be opened at all gives the system's reason.
  if (answer < 0) checked(H5Fopen(file.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT), "cannot open the file");
  refuse(file, "is not an HDF5 file", "it does not begin with the HDF5 signature",
         "Give a file that `swarmsim run` wrote.");
}

const Attribute* find_attribute(const std::vector<Attribute>& attributes, const std::string& name) {
  for (const Attribute& attribute : attributes)
    if (attribute.name == name) return &attribute;
  return nullptr;
}

std::string text_of(const std::vector<Attribute>& attributes, const std::string& name) {
  const Attribute* attribute = find_attribute(attributes, name);
  if (!attribute) return "";
  if (const auto* text = std::get_if<std::string>(&attribute->value)) return *text;
  if (const auto* integer = std::get_if<std::int64_t>(&attribute->value)) return std::to_string(*integer);
  return fmt::format("{}", std::get<double>(attribute->value));
}

std::vector<std::string> words(const std::string& text) {
  std::vector<std::string> out;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find(' ', at), text.size());
    if (end > at) out.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return out;
}

std::optional<ElementType> type_of(Hid dataset, const std::string& path) {
  const TypeHandle type(H5Dget_type(dataset), "cannot read the type of", path);
  const H5T_class_t kind = H5Tget_class(type.id());
  if (kind == H5T_STRING) return std::nullopt;
  const std::size_t size = H5Tget_size(type.id());
  if (kind == H5T_FLOAT) return size == 8 ? ElementType::f64 : ElementType::f32;
  const bool is_signed = H5Tget_sign(type.id()) == H5T_SGN_2;
  if (size == 8) return ElementType::i64;
  if (size == 4) return is_signed ? ElementType::i32 : ElementType::u32;
  return is_signed ? ElementType::i8 : ElementType::u8;
}

/// The names of the dimension scales attached to a dataset, one per axis.
std::vector<std::string> attached_axes(Hid dataset, std::size_t rank, const std::string& path) {
  std::vector<std::string> axes;
  if (rank == 0 || H5Aexists(dataset, "DIMENSION_LIST") <= 0) return axes;
  const AttributeHandle attribute(H5Aopen(dataset, "DIMENSION_LIST", H5P_DEFAULT), "cannot read the axes of",
                                  path);
  const TypeHandle type(H5Tvlen_create(H5T_STD_REF_OBJ), "cannot read the axes of", path);
  const SpaceHandle space(H5Aget_space(attribute.id()), "cannot read the axes of", path);
  std::vector<hvl_t> lists(rank, hvl_t{0, nullptr});
  if (H5Sget_simple_extent_npoints(space.id()) != static_cast<hssize_t>(rank))
    throw Hdf5Error("cannot read the axes of " + path, "their number does not match");
  checked(H5Aread(attribute.id(), type.id(), lists.data()), "cannot read the axes of", path);
  for (const hvl_t& list : lists) {
    char name[256] = "";
    const DatasetHandle scale(list.len ? H5Rdereference2(dataset, H5P_DEFAULT, H5R_OBJECT, list.p) : -1,
                              "cannot follow an axis of", path);
    checked(H5Iget_name(scale.id(), name, sizeof name), "cannot follow an axis of", path);
    const std::string full = name;
    axes.push_back(full.substr(full.rfind('/') + 1));
  }
  checked(H5Dvlen_reclaim(type.id(), space.id(), H5P_DEFAULT, lists.data()), "cannot read the axes of", path);
  return axes;
}

DatasetInfo inspect(Hid dataset, const std::string& path) {
  DatasetInfo info;
  info.path = path;
  info.type = type_of(dataset, path);
  info.shape = shape_of(dataset);
  const std::vector<Attribute> attributes = read_attributes(dataset);
  info.units = text_of(attributes, "units");
  info.long_name = text_of(attributes, "long_name");
  info.kind = text_of(attributes, "kind");
  info.flag_meanings = words(text_of(attributes, "flag_meanings"));
  const bool is_scale = text_of(attributes, "CLASS") == "DIMENSION_SCALE";
  info.bare_dimension = is_scale && text_of(attributes, "NAME").starts_with(kBareDimension);
  info.axes = is_scale ? std::vector{path.substr(path.rfind('/') + 1)}
                       : attached_axes(dataset, info.shape.size(), path);
  const PropertyHandle properties(H5Dget_create_plist(dataset), "cannot read the layout of", path);
  if (H5Pget_layout(properties.id()) == H5D_CHUNKED) {
    std::vector<hsize_t> chunk(info.shape.size());
    checked(H5Pget_chunk(properties.id(), static_cast<int>(chunk.size()), chunk.data()),
            "cannot read the layout of", path);
    info.chunk_rows = chunk.at(0);
    info.grows = true;
  }
  return info;
}

struct Names {
  std::vector<std::string> groups, datasets;
};

herr_t collect_name(hid_t, const char* name, const H5O_info_t* info, void* data) {
  auto& names = *static_cast<Names*>(data);
  if (std::string_view(name) == ".") return 0;
  if (info->type == H5O_TYPE_GROUP) names.groups.push_back(fmt::format("/{}", name));
  if (info->type == H5O_TYPE_DATASET) names.datasets.push_back(fmt::format("/{}", name));
  return 0;
}

std::string parent_of(const std::string& path) {
  return path.substr(0, path.rfind('/'));
}

}  // namespace

std::uint64_t DatasetInfo::count() const {
  std::uint64_t count = 1;
  for (std::uint64_t length : shape) count *= length;
  return count;
}

class ResultReader::Impl {
 public:
  Impl(const std::filesystem::path& file, std::string_view only) : file_(file) {
    with_hdf5(file_, [&] {
      check_is_hdf5(file_);
      handle_ = open_file(file_, OpenMode::read);
      attributes_ = read_attributes(handle_.id());
      check_is_ours();
      Names names;
      checked(H5Ovisit2(handle_.id(), H5_INDEX_NAME, H5_ITER_INC, collect_name, &names, H5O_INFO_BASIC),
              "cannot list the contents");
      groups_ = std::move(names.groups);
      std::sort(groups_.begin(), groups_.end());
      std::sort(names.datasets.begin(), names.datasets.end());
      for (const std::string& path : names.datasets)
        if (path.starts_with(only)) datasets_.push_back(inspect(open_dataset(handle_.id(), path).id(), path));
      clip_rows();
    });
  }
  ~Impl() {
    const auto lock = hdf5_lock();
    handle_ = {};
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  const DatasetInfo* find(const std::string& path) const {
    const auto at =
        std::lower_bound(datasets_.begin(), datasets_.end(), path,
                         [](const DatasetInfo& info, const std::string& p) { return info.path < p; });
    return at != datasets_.end() && at->path == path ? &*at : nullptr;
  }

  const DatasetInfo& get(const std::string& path) const {
    if (const DatasetInfo* info = find(path)) return *info;
    std::vector<std::string> candidates;
    for (const DatasetInfo& info : datasets_) candidates.push_back(info.path);
    const std::string nearest = nearest_spelling(path, candidates);
    refuse(file_, "has no dataset " + path, "", nearest.empty() ? "" : "Did you mean " + nearest + "?");
  }

  const std::filesystem::path file_;
  FileHandle handle_;
  std::vector<Attribute> attributes_;
  std::vector<std::string> groups_;
  std::vector<DatasetInfo> datasets_;

 private:
  void check_is_ours() {
    const std::string type = text_of(attributes_, "filetype");
    if (type != kFileType && type != kStudyFileType)
      refuse(file_, "is an HDF5 file, but not a result of swarmsim",
             fmt::format("the root attribute filetype is not \"{}\"", kFileType),
             "Give a file that `swarmsim run` wrote.");
    const Attribute* version = find_attribute(attributes_, "format_version");
    const auto* number = version ? std::get_if<std::int64_t>(&version->value) : nullptr;
    if (!number || *number < 1 || *number > kFormatVersion)
      refuse(file_, fmt::format("has format version {}", number ? std::to_string(*number) : "none"),
             fmt::format("this program reads versions up to {}", kFormatVersion),
             "Use the version of swarmsim that wrote it.");
  }

  /// A killed writer may leave variables longer than their growing coordinate, which is extended last.
  void clip_rows() {
    for (DatasetInfo& info : datasets_) {
      if (!info.grows || info.axes.empty()) continue;
      const DatasetInfo* scale = find(parent_of(info.path) + "/" + info.axes[0]);
      if (!scale) continue;
      if (info.shape[0] < scale->shape[0])
        throw Hdf5Error("is damaged", info.path + " is shorter than its axis " + info.axes[0]);
      info.shape[0] = scale->shape[0];
    }
  }
};

ResultReader::ResultReader(const std::filesystem::path& file, std::string_view only) : impl_(std::make_unique<Impl>(file, only)) {}
ResultReader::~ResultReader() = default;
ResultReader::ResultReader(ResultReader&&) noexcept = default;
ResultReader& ResultReader::operator=(ResultReader&&) noexcept = default;

bool ResultReader::finished() const {
  return impl_->file_.extension() != ".partial";
}
const std::vector<Attribute>& ResultReader::attributes() const {
  return impl_->attributes_;
}
bool ResultReader::has_attribute(const std::string& name) const {
  return find_attribute(impl_->attributes_, name);
}

std::string ResultReader::attribute_text(const std::string& name) const {
  if (!has_attribute(name)) refuse(impl_->file_, "has no attribute " + name, "", "");
  return text_of(impl_->attributes_, name);
}

std::vector<std::string> ResultReader::groups() const {
  return impl_->groups_;
}
const std::vector<DatasetInfo>& ResultReader::datasets() const {
  return impl_->datasets_;
}
bool ResultReader::has(const std::string& path) const {
  return impl_->find(path) != nullptr;
}
const DatasetInfo& ResultReader::dataset(const std::string& path) const {
  return impl_->get(path);
}

std::uint64_t ResultReader::rows_of(const std::string& path) const {
  const DatasetInfo& info = dataset(path);
  return info.shape.empty() ? 1 : info.shape[0];
}

void ResultReader::require_scalar(const std::string& path) const {
  if (dataset(path).count() != 1)
    refuse(impl_->file_, path + " is not a single value", fmt::format("it has {}", dataset(path).count()),
           "");
}

std::vector<std::string> ResultReader::read_text(const std::string& path) const {
  const DatasetInfo& info = dataset(path);
  if (info.type) refuse(impl_->file_, path + " holds numbers", "text was asked for", "");
  return with_hdf5(impl_->file_, [&] {
    const DatasetHandle dataset = open_dataset(impl_->handle_.id(), path);
    const TypeHandle type = text_type();
    const SpaceHandle space(H5Dget_space(dataset.id()), "cannot read", path);
    std::vector<char*> pointers(info.count(), nullptr);
    checked(H5Dread(dataset.id(), type.id(), H5S_ALL, H5S_ALL, H5P_DEFAULT, pointers.data()), "cannot read",
            path);
    std::vector<std::string> texts;
    for (const char* text : pointers) texts.emplace_back(text ? text : "");
    checked(H5Dvlen_reclaim(type.id(), space.id(), H5P_DEFAULT, pointers.data()), "cannot read", path);
    return texts;
  });
}

void ResultReader::read_rows(const std::string& path, std::uint64_t first, std::uint64_t count,
                             ElementType memory, void* out) const {
  const DatasetInfo& info = dataset(path);
  const auto fractional = [](ElementType type) {
    return type == ElementType::f64 || type == ElementType::f32;
  };
  if (!info.type) refuse(impl_->file_, path + " holds text", "numbers were asked for", "");
  if (fractional(*info.type) && !fractional(memory))
    refuse(impl_->file_, path + " holds fractions", "integers were asked for", "");
  if (info.bare_dimension || first + count > rows_of(path))
    refuse(impl_->file_, path + " does not hold the rows asked for",
           fmt::format("rows {} to {} of {}", first, first + count, info.bare_dimension ? 0 : rows_of(path)),
           "");
  if (info.count() == 0 || count == 0) return;
  with_hdf5(impl_->file_, [&] {
    const DatasetHandle dataset = open_dataset(impl_->handle_.id(), path);
    if (info.shape.empty()) {
      checked(H5Dread(dataset.id(), memory_type(memory), H5S_ALL, H5S_ALL, H5P_DEFAULT, out), "cannot read",
              path);
      return;
    }
    std::vector<hsize_t> start(info.shape.size(), 0), block(info.shape.begin(), info.shape.end());
    start[0] = first;
    block[0] = count;
    const SpaceHandle in_file(H5Dget_space(dataset.id()), "cannot read", path);
    checked(H5Sselect_hyperslab(in_file.id(), H5S_SELECT_SET, start.data(), nullptr, block.data(), nullptr),
            "cannot read", path);
    const SpaceHandle in_memory(H5Screate_simple(static_cast<int>(block.size()), block.data(), nullptr),
                                "cannot read", path);
    checked(H5Dread(dataset.id(), memory_type(memory), in_memory.id(), in_file.id(), H5P_DEFAULT, out),
            "cannot read", path);
  });
}

}  // namespace swarm::io
