"""What a gateway does in control's place while control is silent: watch a few points, call people by lamp and siren."""
