using RonKms.Backends;
using RonKms.Custody;
using RonKms.Sealing;

namespace RonKms;

/// <summary>What a place that names a device comes to.</summary>
/// <param name="Store">Where the store itself lies: <c>file:PATH</c>.</param>
/// <param name="Backend">Where keys act.</param>
/// <param name="Kek">What the store's key is wrapped under.</param>
/// <param name="Anchor">A rollback anchor in the device, which is used where the settings ask for it. It lasts as long as the backend.</param>
public sealed record DevicePlace(string Store, KeyBackend Backend, KeyEncryptionKey Kek, IRollbackAnchor Anchor);
