package notes.app

import android.app.AlertDialog
import android.content.Intent
import android.net.Uri
import android.os.Bundle
import android.provider.OpenableColumns
import android.security.keystore.UserNotAuthenticatedException
import android.util.Log
import android.widget.ArrayAdapter
import android.widget.Button
import android.widget.EditText
import android.widget.LinearLayout
import android.widget.ListView
import android.widget.TextView
import androidx.activity.result.contract.ActivityResultContracts
import androidx.biometric.BiometricManager.Authenticators.BIOMETRIC_STRONG
import androidx.biometric.BiometricManager.Authenticators.DEVICE_CREDENTIAL
import androidx.biometric.BiometricPrompt
import androidx.core.content.ContextCompat
import androidx.fragment.app.FragmentActivity
import androidx.lifecycle.lifecycleScope
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.launch
import kotlinx.coroutines.withContext
import notes.Notebook
import notes.Notebooks
import pocketkms.PocketKmsException
import pocketkms.android.RootKeyLostException
import pocketkms.api.ErrorCategory

/** A list of notes, one of them to be written, and its attachments. All that it knows of keys is in [Session] and in the module `notebook`. */
class MainActivity : FragmentActivity() {
    private lateinit var text: EditText
    private lateinit var list: ListView
    private lateinit var attachments: ListView
    private var ids = emptyList<String>()
    private var note: String? = null

    private val picker = registerForActivityResult(ActivityResultContracts.OpenDocument()) { uri -> uri?.let(::attach) }

    override fun onCreate(savedInstanceState: Bundle?) {
        super.onCreate(savedInstanceState)
        note = savedInstanceState?.getString("note") // the id alone: the text of a note belongs into no saved state
        text = EditText(this).apply { hint = "A note"; isSaveEnabled = false }
        list = ListView(this).apply { setOnItemClickListener { _, _, at, _ -> show(ids[at]) } }
        attachments = ListView(this).apply {
            setOnItemClickListener { _, view, _, _ -> play((view as TextView).text.toString()) }
        }
        setContentView(
            LinearLayout(this).apply {
                orientation = LinearLayout.VERTICAL
                addView(text)
                addView(button("Save") { save() })
                addView(button("Attach") { picker.launch(arrayOf("*/*")) })
                addView(button("New key material") { work { it.rotate() } })
                addView(attachments, LinearLayout.LayoutParams(MATCH, 0, 1f))
                addView(list, LinearLayout.LayoutParams(MATCH, 0, 2f))
            },
        )
    }

    override fun onSaveInstanceState(outState: Bundle) {
        super.onSaveInstanceState(outState)
        outState.putString("note", note)
    }

    override fun onStart() {
        super.onStart()
        when (Session.begin(this)) {
            Notebooks.State.NEW -> open { Session.create { key -> runOnUiThread { tell("Write this down", key) } } }
            Notebooks.State.READY -> open { Session.open() }
            Notebooks.State.RESTORED -> askForRecoveryKey()
        }
    }

    /** What was written is kept, and is not on the screen when somebody else looks at it. [NotesApp] locks the vault. */
    override fun onStop() {
        super.onStop()
        val notebook = Session.notebook?.takeUnless { it.isLocked }
        try {
            note?.let { notebook?.write(it, text.text.toString()) }
        } catch (error: PocketKmsException) {
            Log.w("notes", error) // name and message: nothing secret
        }
        text.setText("")
    }

    private fun open(how: () -> Notebook) {
        lifecycleScope.launch {
            try {
                withContext(Dispatchers.IO) { how() }
                refresh()
            } catch (_: UserNotAuthenticatedException) {
                authenticate { open(how) }
            } catch (_: RootKeyLostException) {
                askForRecoveryKey()
            } catch (error: PocketKmsException) {
                tell(error)
            }
        }
    }

    private fun authenticate(then: () -> Unit) {
        val prompt = BiometricPrompt(this, ContextCompat.getMainExecutor(this), object : BiometricPrompt.AuthenticationCallback() {
            override fun onAuthenticationSucceeded(result: BiometricPrompt.AuthenticationResult) = then()
        })
        val info = BiometricPrompt.PromptInfo.Builder().setTitle("Notes").setAllowedAuthenticators(BIOMETRIC_STRONG or DEVICE_CREDENTIAL)
        prompt.authenticate(info.build())
    }

    private fun askForRecoveryKey() {
        val words = EditText(this)
        AlertDialog.Builder(this).setTitle("Recovery key").setView(words)
            .setPositiveButton("Open") { _, _ -> open { Session.recover(words.text.toString()) } }
            .show()
    }

    /** Something with the notebook, off the main thread; a coroutine that is cancelled with the activity leaves nothing half done. */
    private fun work(what: suspend (Notebook) -> Unit) {
        val notebook = Session.notebook ?: return
        lifecycleScope.launch {
            try {
                withContext(Dispatchers.IO) { what(notebook) }
                refresh()
            } catch (error: CancellationException) {
                throw error
            } catch (error: PocketKmsException) {
                tell(error)
            }
        }
    }

    private fun save() {
        val words = text.text.toString()
        work { notebook -> note?.let { notebook.write(it, words) } ?: run { note = notebook.add(words) } }
    }

    private fun attach(uri: Uri) {
        val to = note ?: return
        val name = contentResolver.query(uri, arrayOf(OpenableColumns.DISPLAY_NAME), null, null, null)?.use {
            if (it.moveToFirst()) it.getString(0) else null
        } ?: "attachment"
        work { it.attach(to, name.replace('/', '_').trimStart('.'), contentResolver.openInputStream(uri)!!) }
    }

    private fun play(name: String) {
        startActivity(Intent(this, VideoActivity::class.java).putExtra("note", note).putExtra("name", name))
    }

    private fun show(id: String) {
        note = id
        refresh()
    }

    private fun refresh() {
        val notebook = Session.notebook?.takeUnless { it.isLocked } ?: return
        val chosen = note
        lifecycleScope.launch {
            val (found, words, names) = withContext(Dispatchers.IO) {
                Triple(notebook.notes(), chosen?.let(notebook::read), chosen?.let(notebook::attachments).orEmpty())
            }
            ids = found
            list.adapter = ArrayAdapter(this@MainActivity, android.R.layout.simple_list_item_1, found)
            attachments.adapter = ArrayAdapter(this@MainActivity, android.R.layout.simple_list_item_1, names)
            words?.let(text::setText)
        }
    }

    private fun tell(error: PocketKmsException) = when (error.category) {
        ErrorCategory.RETRY -> tell("Not now", "Try again in a moment.")
        ErrorCategory.AUTHENTICATE -> authenticate { open { Session.open() } }
        ErrorCategory.LOST -> tell("It cannot be read", "The file is damaged. Take it from a backup.")
        else -> tell("It did not work", error.message) // safe to show
    }

    private fun tell(title: String, words: String) {
        AlertDialog.Builder(this).setTitle(title).setMessage(words).setPositiveButton(android.R.string.ok, null).show()
    }

    private fun button(label: String, action: () -> Unit) = Button(this).apply { text = label; setOnClickListener { action() } }

    private companion object {
        const val MATCH = LinearLayout.LayoutParams.MATCH_PARENT
    }
}
