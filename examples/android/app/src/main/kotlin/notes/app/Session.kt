package notes.app

import android.app.Application
import android.content.Context
import androidx.lifecycle.DefaultLifecycleObserver
import androidx.lifecycle.LifecycleOwner
import androidx.lifecycle.ProcessLifecycleOwner
import notes.DeviceKey
import notes.Notebook
import notes.Notebooks
import notes.Places
import pocketkms.RootKey
import pocketkms.Vault
import pocketkms.android.AndroidKeystoreRootKey
import pocketkms.android.UserAuthentication

/** Locks the notebook when no activity of the app is seen any more; not while one covers another, or the screen is turned. */
class NotesApp : Application(), DefaultLifecycleObserver {
    override fun onCreate() {
        super<Application>.onCreate()
        ProcessLifecycleOwner.get().lifecycle.addObserver(this)
    }

    override fun onStop(owner: LifecycleOwner) {
        Session.lock()
    }
}

/** The one notebook of the process: it outlives the activities, and is locked by [NotesApp]. */
object Session {
    private lateinit var notebooks: Notebooks
    lateinit var device: KeystoreKey
        private set
    var notebook: Notebook? = null
        private set

    fun begin(context: Context): Notebooks.State {
        if (!::notebooks.isInitialized) {
            val app = context.applicationContext
            device = KeystoreKey()
            notebooks = Notebooks(Places(app.noBackupFilesDir, app.filesDir), device)
        }
        return notebooks.state
    }

    fun create(show: (String) -> Unit): Notebook = notebooks.create(show).also { notebook = it }

    /** Opens the notebook, or unlocks the one that is open. */
    fun open(): Notebook = notebook?.also { it.unlock(device) } ?: notebooks.open().also { notebook = it }

    fun recover(recoveryKey: String): Notebook {
        notebook?.close()
        return notebooks.recover(recoveryKey).also { notebook = it }
    }

    fun lock() = notebook?.lock()
}

/** The person unlocked or confirmed the device in the last 30 seconds; where not, the Keystore throws, and [MainActivity] asks. */
class KeystoreKey : DeviceKey {
    private val key = AndroidKeystoreRootKey("notes", UserAuthentication.within(30))

    override fun rootKey(): RootKey = key.rootKey()

    override fun renew(vault: Vault) = key.renew(vault)
}
