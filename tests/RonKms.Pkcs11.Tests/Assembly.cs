// One module serves the whole process, and some tests close its sessions or finalize it behind the library's back.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
