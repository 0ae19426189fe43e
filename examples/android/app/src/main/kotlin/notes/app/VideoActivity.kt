package notes.app

import android.app.Activity
import android.net.Uri
import android.os.Bundle
import androidx.media3.common.MediaItem
import androidx.media3.exoplayer.ExoPlayer
import androidx.media3.exoplayer.source.ProgressiveMediaSource
import androidx.media3.ui.PlayerView
import pocketkms.media3.MessageDataSource

/** Plays an attachment from where it lies, encrypted: the player asks for parts, and the frames that have them are decrypted. */
class VideoActivity : Activity() {
    private var player: ExoPlayer? = null

    override fun onStart() {
        super.onStart()
        val notebook = Session.notebook?.takeUnless { it.isLocked } ?: return finish()
        val (note, name) = listOf("note", "name").map { intent.getStringExtra(it) ?: return finish() }
        val factory = MessageDataSource.Factory { notebook.play(note, name) }
        player = ExoPlayer.Builder(this).setMediaSourceFactory(ProgressiveMediaSource.Factory(factory)).build().also {
            setContentView(PlayerView(this).apply { player = it })
            it.setMediaItem(MediaItem.fromUri(Uri.fromParts("note", name, null)))
            it.prepare()
            it.play()
        }
    }

    override fun onStop() {
        super.onStop()
        player?.release()
        player = null
    }
}
