"""Stands in for Slicer's SampleData module: what is registered. (Its buttons call `source.customDownloader(source)`.)"""

from __future__ import annotations

import slicer


class SampleDataSource:
    def __init__(
        self,
        sampleName=None,
        sampleDescription=None,
        uris=None,
        fileNames=None,
        nodeNames=None,
        checksums=None,
        loadFiles=None,
        customDownloader=None,
        thumbnailFileName=None,
        loadFileTypes=None,
        loadFileProperties=None,
        loadFileType=None,
    ):
        def listed(values, count):
            return list(values) if isinstance(values, (list, tuple)) else [values] * count

        if uris is None:
            raise TypeError("uris are needed, also with a customDownloader")
        count = len(uris) if isinstance(uris, (list, tuple)) else 1
        self.sampleName = sampleName
        self.sampleDescription = sampleDescription or sampleName
        self.uris = listed(uris, count)
        self.fileNames = listed(fileNames, count)
        self.nodeNames = listed(nodeNames, count)
        self.checksums = listed(checksums, count)
        self.loadFiles = listed(loadFiles, count)
        self.loadFileTypes = listed(loadFileTypes or loadFileType, count)
        self.customDownloader = customDownloader
        self.thumbnailFileName = thumbnailFileName
        self.loadFileProperties = loadFileProperties or {}
        if not count == len(self.fileNames) == len(self.nodeNames) == len(self.checksums):
            raise ValueError("All fields of sample data source must have the same length")

    def __eq__(self, other):
        return isinstance(other, SampleDataSource) and vars(self) == vars(other)

    __hash__ = None


class SampleDataLogic:
    @staticmethod
    def registerCustomSampleDataCategory(category, title):
        if not hasattr(slicer.modules, "sampleDataSourceCategories"):
            slicer.modules.sampleDataSourceCategories = {}
        slicer.modules.sampleDataSourceCategories[category] = {"title": title}

    @staticmethod
    def registerCustomSampleDataSource(
        category="Custom", sampleName=None, uris=None, fileNames=None, nodeNames=None, **more
    ):
        sources = SampleDataLogic.sampleDataSourcesByCategory().setdefault(category, [])
        source = SampleDataSource(sampleName, uris=uris, fileNames=fileNames, nodeNames=nodeNames, **more)
        if source not in sources:
            sources.append(source)

    @staticmethod
    def sampleDataSourcesByCategory(category=None):
        if not hasattr(slicer.modules, "sampleDataSources"):
            slicer.modules.sampleDataSources = {}
        sources = slicer.modules.sampleDataSources
        return sources if category is None else sources.get(category, [])

    def sourceForSampleName(self, sampleName):
        for sources in self.sampleDataSourcesByCategory().values():
            for source in sources:
                if source.sampleName == sampleName:
                    return source
        return None
