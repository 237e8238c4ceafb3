// Blocking the thread pool would hold up whatever runs beside.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
