"""Opens the HDF5 files of swarmsim, and says of others what is wrong with them."""
import ctypes
import os
import pathlib

import h5netcdf
import h5py
import xarray

# How often HDF5 tries to read metadata that a writer may just be writing. Each time it doubles its pause, at
# first 1 ns: these make 70 ms, and its own choice of 100 would wait forever for what a truncated file lacks.
_READ_ATTEMPTS = 25
_GROWING = ("time", "decision")
FORMAT_VERSION = 1  # the newest that this package knows
# filetype: (what it is, what reads it)
KINDS = {"swarmsim": ("the result of one run", "Run"),
         "swarmsim-study": ("the collected results of a study", "Study")}


class ResultError(OSError):
    """A file that cannot be read as what it should be. The text is FILE: PROBLEM (WHY) SUGGESTION."""


def _check_place(path):
    if path.is_dir():
        raise ResultError(f"{path}: is a folder, not a file")
    if not path.exists():
        partial = path.with_name(path.name + ".partial")
        hint = f" (its run has not finished; what there is can be read from {partial})"
        raise ResultError(f"{path}: there is no such file{hint if partial.exists() else ''}")
    try:
        path.open("rb").close()
    except OSError as error:
        raise ResultError(f"{path}: cannot be read ({error.strerror})") from error
    if not h5py.is_hdf5(os.fspath(path)):
        raise ResultError(f"{path}: is not an HDF5 file")


def _check_kind(path, attributes, filetype):
    what, reader = KINDS[filetype]
    found = attributes.get("filetype")
    if found != filetype:
        other = KINDS.get(found if isinstance(found, str) else None)
        why = f"it is {other[0]}; open it with {other[1]}" if other else f"its filetype is {found!r}"
        raise ResultError(f"{path}: is not {what} ({why})")
    version = int(attributes.get("format_version", 0))
    if version > FORMAT_VERSION:
        program = f"swarmsim {attributes.get('swarmsim_version', '')}".rstrip()
        raise ResultError(f"{path}: has format version {version} (this package knows versions up to "
                          f"{FORMAT_VERSION}); use the package that came with {program}")


def _rows(file):
    """{group: {growing dimension: length of its coordinate}}."""
    return {name: {axis: group[axis].shape[0] for axis in _GROWING if axis in group}
            for name, group in file.items() if isinstance(group, h5py.Group)}


def _open_shared(path):
    """Opens a file beside its writer or after a killed one (HDF5's single-writer-multiple-reader mode)."""
    access = h5py.h5p.create(h5py.h5p.FILE_ACCESS)
    access.set_fclose_degree(h5py.h5f.CLOSE_STRONG)
    set_attempts = ctypes.CDLL(h5py.h5p.__file__).H5Pset_metadata_read_attempts  # h5py has no name for it
    set_attempts(ctypes.c_int64(access.id), ctypes.c_uint(_READ_ATTEMPTS))
    return h5py.h5f.open(os.fsencode(path), h5py.h5f.ACC_RDONLY | h5py.h5f.ACC_SWMR_READ, fapl=access)


class ResultFile:
    """An open file: its root attributes and its groups.

    A file that a run is still writing, or that a killed run left, is opened in shared mode. Its datasets may
    be longer than their growing coordinate, which is written last; rows beyond that are not shown. It shows
    what had been written when it was opened; to look again, close it first, for HDF5 shows a process that has
    a file open what it knows of it already.
    """

    def __init__(self, path, filetype):
        self.path = pathlib.Path(path)
        _check_place(self.path)
        try:
            self._open(filetype, shared=False)
        except ResultError:
            raise
        except Exception as error:  # on damaged files the readers raise all kinds, AttributeError included
            try:
                self._open(filetype, shared=True)
            except ResultError:
                raise
            except Exception:  # the first attempt tells why
                problem = f"is truncated, damaged, or locked by its writer ({error})"
                raise ResultError(f"{self.path}: {problem}") from error

    def _open(self, filetype, shared):
        with h5py.File(_open_shared(self.path) if shared else self.path, "r") as file:
            self.attributes = {name: value.item() if hasattr(value, "item") and value.ndim == 0 else value
                               for name, value in file.attrs.items()}
            _check_kind(self.path, self.attributes, filetype)
            self.groups = tuple(name for name, item in file.items() if isinstance(item, h5py.Group))
            self._rows_of = _rows(file)  # before anything else is looked at, so that no dataset is shorter
        place = _open_shared(self.path) if shared else os.fspath(self.path)
        self._file = h5netcdf.File(place, "r", decode_vlen_strings=True)

    def dataset(self, group="/", growing=None):
        """A group as an xarray Dataset whose values are read when they are looked at."""
        if self._file is None:
            raise ResultError(f"{self.path}: has been closed")
        try:
            store = xarray.backends.H5NetCDFStore(self._file, group=None if group == "/" else group)
            data = xarray.open_dataset(store, decode_cf=False)
            if growing in data.sizes:
                data = data.isel({growing: slice(0, self._rows_of[group.strip("/")][growing])})
            return xarray.decode_cf(data)
        except Exception as error:
            raise ResultError(f"{self.path}: {group} is damaged ({error})") from error

    def close(self):
        if self._file is not None:
            self._file.close()
        self._file = None
